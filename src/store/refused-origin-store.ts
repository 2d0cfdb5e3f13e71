/** The websites that were refused in the last days, so that the owner can allow one. */
export interface RefusedOriginStore {
  /** Adds refusals to what is known. Beyond 100 origins, those that were refused longest ago are forgotten. */
  noteRefusedOrigins(refused: readonly RefusedOrigin[]): Promise<void>;
  /** The origins that were refused since the given time, the one refused last first. */
  listRefusedOrigins(since: number): Promise<readonly RefusedOrigin[]>;
  forgetRefusedOrigin(origin: string): Promise<void>;
}

/** How many origins are kept. */
export const MAX_REFUSED_ORIGINS = 100;

export interface RefusedOrigin {
  readonly origin: string;
  /** How many of its requests were refused. */
  readonly count: number;
  /** When it was refused last, in milliseconds since the epoch. */
  readonly lastAt: number;
}
