/*
 * Vectors of sections, for owners who have set a model for embeddings. A section has one vector at most. It goes with
 * its section.
 */

/** A section as the model gets it. */
export interface SectionToEmbed {
  readonly id: number;
  /** Of its document. */
  readonly title: string;
  readonly heading: string;
  readonly text: string;
}

export interface SectionVector {
  readonly sectionId: number;
  /** In the form of vectors/packed-vector.ts. Empty: the model can make none of this section. */
  readonly vector: Uint8Array;
}

export interface StoredVector extends SectionVector {
  /** Rises with each vector that is stored. */
  readonly seq: number;
}

/** What a look at some of the sections has found. */
export interface VectorlessSections {
  readonly sections: readonly SectionToEmbed[];
  /** The last section that was looked at. Undefined: there are no further ones. */
  readonly through: number | undefined;
}

export interface VectorCounts {
  /** Of the model, also of sections that are not searched now. */
  readonly vectors: number;
  /** How many sections are searched. */
  readonly sections: number;
}

/** How many sections a look takes in. */
export const LOOKED_AT = 500;

export interface VectorStore {
  /**
   * Looks at the sections after the given id, LOOKED_AT at most, and returns those that are searched and have no
   * vector of this model, as many as the limit.
   */
  findVectorless(model: string, after: number, limit: number): Promise<VectorlessSections>;
  /** Stores vectors in place of those that the sections have. Sections that are gone are left out. */
  putVectors(model: string, vectors: readonly SectionVector[]): Promise<void>;
  /** The vectors of a model that were stored after the given one, in their order. */
  readVectors(model: string, afterSeq: number, limit: number): Promise<readonly StoredVector[]>;
  countVectors(model: string): Promise<VectorCounts>;
  /** Of several processes, only the one that has claimed it makes vectors, until then. */
  claimVectors(claim: {
    readonly owner: string;
    readonly now: number;
    readonly until: number;
  }): Promise<boolean>;
}
