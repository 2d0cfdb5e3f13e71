/** Logs what the owner should know about the model's server. Never contains text of a chat. */
export type Notify = (event: string, fields: Readonly<Record<string, unknown>>) => void;
