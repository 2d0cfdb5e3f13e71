/** Takes what the owner should know of the model's server, without a word of a chat. */
export type Notify = (event: string, fields: Readonly<Record<string, unknown>>) => void;
