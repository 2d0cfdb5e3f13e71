import type { Database } from "bun:sqlite";

import { NOTICE_CHANNELS, type NoticeChannel } from "../../conversation/notice-kinds.ts";
import { type NoticeRow, toChannelState, toClaimed, toGivenUp, toPlace } from "../notice-rows.ts";
import {
  type AttemptEnd,
  FORGET_AT_ONCE,
  type NoticeClaim,
  type NoticeStore,
  SWITCHED_OFF,
  WAITED_TOO_LONG,
} from "../notice-store.ts";
import type { GroupCommit } from "./group-commit.ts";
import { prepareNotices } from "./notice-queries.ts";

/** The outbox on SQLite. */
export class SqliteNotices implements NoticeStore {
  readonly #writes: GroupCommit;
  readonly #queries: ReturnType<typeof prepareNotices>;

  constructor(db: Database, writes: GroupCommit) {
    this.#writes = writes;
    this.#queries = prepareNotices(db);
  }

  async wantNotices(wanted: Parameters<NoticeStore["wantNotices"]>[0]): Promise<void> {
    const { wants, want, unwant } = this.#queries;
    const next = new Map(wanted.map((each) => [`${each.kind} ${each.channel}`, each]));
    const found = new Map(wants.all().map((each) => [`${each.kind} ${each.channel}`, each]));
    const missing = [...next].filter(([name]) => !found.has(name));
    const surplus = [...found].filter(([name]) => !next.has(name));
    if (missing.length + surplus.length === 0) return;
    await this.#writes.write(() => {
      for (const [, { kind, channel }] of missing) want.run(kind, channel);
      for (const [, { kind, channel }] of surplus) unwant.run(kind, channel);
    });
  }

  async addNotice({
    eventId,
    channel,
    kind,
    at,
  }: Parameters<NoticeStore["addNotice"]>[0]): Promise<boolean> {
    const { changes } = await this.#writes.write(() =>
      this.#queries.add.run(eventId, channel, kind, at),
    );
    return changes > 0;
  }

  async claimNotices({ channel, limit, owner, now, until }: NoticeClaim) {
    const rows = await this.#writes.write(() =>
      this.#queries.due.all(channel, now, limit).map((row): NoticeRow => {
        this.#queries.claim.run(owner, until, row.seq);
        return { ...row, attempts: row.attempts + 1 };
      }),
    );
    return rows.map(toClaimed);
  }

  async endAttempt(seq: number, end: AttemptEnd): Promise<boolean> {
    return this.#writes.write(() => this.#endAttempt(seq, end));
  }

  async nextNoticeAt(channels: readonly NoticeChannel[]): Promise<number | undefined> {
    const times = channels.map((channel) => this.#queries.nextAt.get(channel)?.at ?? Infinity);
    const next = Math.min(...times);
    return Number.isFinite(next) ? next : undefined;
  }

  async channelStates() {
    return NOTICE_CHANNELS.flatMap((channel) => {
      const row = this.#queries.state.get(channel);
      return row === null ? [] : [toChannelState(row)];
    });
  }

  async noteTrial(channel: NoticeChannel, at: number, error: string | undefined): Promise<void> {
    await this.#writes.write(() => this.#note(channel, at, error));
  }

  async switchChannelOff(channel: NoticeChannel, address: string, at: number): Promise<void> {
    const { switchOff, unwantAll, giveUpAll } = this.#queries;
    await this.#writes.write(() => {
      switchOff.run(channel, address, at);
      unwantAll.run(channel);
      giveUpAll.run(at, SWITCHED_OFF, channel);
    });
  }

  async switchChannelOn(channel: NoticeChannel): Promise<void> {
    await this.#writes.write(() => this.#queries.switchOn.run(channel));
  }

  async listGivenUp(channel: NoticeChannel, limit: number) {
    return this.#queries.givenUp.all(channel, limit).map(toGivenUp);
  }

  async sendAgain(channel: NoticeChannel, at: number): Promise<number> {
    const { changes } = await this.#writes.write(() => this.#queries.sendAgain.run(at, channel));
    return changes;
  }

  async findReceipt(channel: NoticeChannel, receipt: string) {
    const row = this.#queries.receipt.get(channel, receipt);
    return row === null ? undefined : toPlace(row);
  }

  async forgetNotices({
    now,
    channels,
    waiting,
    delivered,
    answerable,
    givenUp,
  }: Parameters<NoticeStore["forgetNotices"]>[0]): Promise<boolean> {
    return this.#writes.write(() => {
      const setUp = JSON.stringify(channels);
      this.#queries.giveUpOld.run(now, WAITED_TOO_LONG, waiting, setUp);
      this.#queries.releaseAll.run();
      for (const channel of channels) this.#queries.hasten.run(channel, now);
      const { forget } = this.#queries;
      const forgotten = [
        forget.delivered.run(delivered),
        forget.answerable.run(answerable),
        forget.givenUp.run(givenUp),
      ];
      return forgotten.every(({ changes }) => changes < FORGET_AT_ONCE);
    });
  }

  #endAttempt(seq: number, end: AttemptEnd): boolean {
    const { state, owner, at, nextAt = at, receipt = null, error } = end;
    const queries = this.#queries;
    const isWaiting = state === "waiting";
    const ended =
      state === "dropped"
        ? queries.drop.get(seq, owner)
        : queries.end.get(
            state,
            isWaiting ? nextAt : at,
            isWaiting ? null : at,
            error ?? null,
            receipt,
            seq,
            owner,
          );
    if (ended === null) return false;
    if (!isWaiting) queries.release.run(ended.conversation_seq, ended.channel, at);
    if (state === "delivered" || error !== undefined) {
      this.#note(ended.channel, at, error);
    }
    return true;
  }

  #note(channel: NoticeChannel, at: number, error: string | undefined): void {
    if (error === undefined) this.#queries.noteDelivery.run(channel, at);
    else this.#queries.noteFailure.run(channel, at, error);
  }
}
