import type { NoticeChannel, NoticeKind } from "../conversation/notice-kinds.ts";

/**
 * The outbox: what the owner is to be notified of. The database itself adds the notices of conversations, in the
 * transaction that they are about, whoever writes it; nothing is added that no channel wants. No text of a visitor is in it,
 * and the notices of an erased conversation are erased with it.
 */
export interface NoticeStore {
  /** Sets which events become notices, for all replicas. Writes nothing where it is so already. */
  wantNotices(wanted: readonly WantedNotice[]): Promise<void>;
  /** Adds a notice of no conversation. Returns false where the channel has one with this event id already. */
  addNotice(notice: NewNotice): Promise<boolean>;
  /**
   * Claims notices of one channel that are due, each for one attempt, which counts only once its end is stored: restarts use up
   * none. Of a conversation, only the oldest that waits. Those of hidden conversations wait.
   */
  claimNotices(claim: NoticeClaim): Promise<readonly ClaimedNotice[]>;
  /**
   * Stores how an attempt has ended. One that waits without an error was cut off, and does not count. The next notice of the
   * conversation is due once this one waits no more. Returns false, and changes nothing, when it is gone or somebody else
   * has claimed it.
   */
  endAttempt(seq: number, end: AttemptEnd): Promise<boolean>;
  /** When the next notice of these channels is due. Undefined: none waits. */
  nextNoticeAt(channels: readonly NoticeChannel[]): Promise<number | undefined>;
  /** How every channel does. */
  channelStates(): Promise<readonly ChannelState[]>;
  /** Stores how an attempt of which there is no notice has ended: the owner tries the channel. */
  noteTrial(channel: NoticeChannel, at: number, error: string | undefined): Promise<void>;
  /**
   * The receiver wants nothing more: nothing is noted for the channel any more, and what waits is given up.
   * @param address stands for the receiver, so that another one is not switched off
   */
  switchChannelOff(channel: NoticeChannel, address: string, at: number): Promise<void>;
  switchChannelOn(channel: NoticeChannel): Promise<void>;
  /** The notices that were given up, the newest first. */
  listGivenUp(channel: NoticeChannel, limit: number): Promise<readonly GivenUpNotice[]>;
  /** Those that were given up wait again, as if they were new. Returns how many there were. */
  sendAgain(channel: NoticeChannel, at: number): Promise<number>;
  /** Finds the notice that a channel has given a receipt for. */
  findReceipt(channel: NoticeChannel, receipt: string): Promise<NoticePlace | undefined>;
  /**
   * Gives up what is for no channel that is set up, and deletes some of what has ended, each after its time. What would wait
   * for longer than MAX_WAIT_MS is due now. Returns false when there is more to delete.
   */
  forgetNotices(before: ForgetNotices): Promise<boolean>;
}

export interface WantedNotice {
  readonly channel: NoticeChannel;
  readonly kind: NoticeKind;
}

export interface NewNotice extends WantedNotice {
  readonly eventId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface NoticeClaim {
  readonly channel: NoticeChannel;
  readonly limit: number;
  /** Whoever claims them. */
  readonly owner: string;
  readonly now: number;
  /** When the claim ends, and somebody else may try them. */
  readonly until: number;
}

/** Where a notice comes from. Undefined: from no conversation, or from no turn. */
export interface NoticePlace {
  readonly conversationId: string | undefined;
  readonly turnId: string | undefined;
}

export interface ClaimedNotice extends NewNotice, NoticePlace {
  /** Grows with each notice. */
  readonly seq: number;
  /** This attempt included. */
  readonly attempts: number;
}

/** `dropped`: there is nothing to say any more, and the notice is deleted. */
export interface AttemptEnd {
  readonly state: "delivered" | "waiting" | "given_up" | "dropped";
  readonly owner: string;
  readonly at: number;
  /** Of `waiting`: when it is tried again. */
  readonly nextAt?: number | undefined;
  /** What the channel has returned for it. */
  readonly receipt?: string | undefined;
  /** Why it failed, in a sentence for the owner. */
  readonly error?: string | undefined;
}

export interface ChannelState {
  readonly channel: NoticeChannel;
  /** How many notices wait. */
  readonly waiting: number;
  /** When the next one is tried. */
  readonly nextAt: number | undefined;
  readonly givenUp: number;
  readonly deliveredAt: number | undefined;
  readonly failedAt: number | undefined;
  /** Of the last failure. */
  readonly error: string | undefined;
  /** The receiver that wants nothing more, and since when. */
  readonly off: { readonly address: string; readonly at: number } | undefined;
}

export interface GivenUpNotice extends NewNotice, NoticePlace {
  readonly endedAt: number;
  readonly attempts: number;
  readonly error: string;
}

export interface ForgetNotices {
  readonly now: number;
  /** The channels that are set up. */
  readonly channels: readonly NoticeChannel[];
  /** What happened before these times. */
  readonly waiting: number;
  readonly delivered: number;
  /** Of what was delivered with a receipt, which an answer of the owner may refer to. */
  readonly answerable: number;
  readonly givenUp: number;
}

/** How many notices of each kind are deleted in one step: some 10 ms. */
export const FORGET_AT_ONCE = 400;

/**
 * When a notice is due whose conversation has an older one that waits: never, as long as that one does. So no attempt has to
 * touch those behind it. The end of time, as dates have it.
 */
export const BEHIND_ANOTHER = 8_640_000_000_000_000;

/**
 * 27 hours. No notice waits for longer: the last pause between its attempts is a day and a tenth of it. One that is due
 * later is from before the clock was set back.
 */
export const MAX_WAIT_MS = 97_200_000;

/**
 * A visitor who writes or rates again and again is reported once a minute. Meanwhile one notice waits, which says what is
 * stored when it is sent. It waits no longer when an event of another kind follows, and what a visitor writes after a word of
 * the owner does not wait. What was sent in the future, before the clock was set back, does not count.
 */
export const SPACING_MS = 60_000;

/** Why a notice that nobody has tried is given up. */
export const WAITED_TOO_LONG = "Nobody has tried to send it: its channel was not set up.";
/** Why those that waited are given up when a receiver wants nothing more. */
export const SWITCHED_OFF = "The receiver wants no more notices.";
