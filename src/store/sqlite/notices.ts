import type { Database } from "bun:sqlite";

import type { NoticeChannel } from "../../conversation/notice-kinds.ts";
import { type NoticeRow, toChannelState, toClaimed, toGivenUp } from "../notice-rows.ts";
import {
  type AttemptEnd,
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
      this.#queries.add.run(eventId, channel, kind, at, at),
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
    return this.#queries.states.all().map(toChannelState);
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
    if (row === null) return undefined;
    return {
      conversationId: row.conversation_id ?? undefined,
      turnId: row.turn_id ?? undefined,
    };
  }

  async forgetNotices({
    now,
    waiting,
    delivered,
    givenUp,
  }: Parameters<NoticeStore["forgetNotices"]>[0]): Promise<void> {
    await this.#writes.write(() => {
      this.#queries.giveUpOld.run(now, WAITED_TOO_LONG, waiting);
      this.#queries.forget.run("delivered", delivered);
      this.#queries.forget.run("given_up", givenUp);
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
    queries.followers.run(isWaiting ? nextAt : at, ended.conversation_seq, ended.channel, seq);
    if (state !== "dropped") {
      this.#note(ended.channel, at, state === "delivered" ? undefined : (error ?? ""));
    }
    return true;
  }

  #note(channel: NoticeChannel, at: number, error: string | undefined): void {
    if (error === undefined) this.#queries.noteDelivery.run(channel, at);
    else this.#queries.noteFailure.run(channel, at, error);
  }
}
