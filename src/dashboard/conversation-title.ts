/** Anything but white space and what fonts do not draw, such as a zero-width space. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** How a conversation is called: by what its visitor asked first, if that can be seen. */
export function conversationTitle(firstQuestion: string): string {
  return VISIBLE.test(firstQuestion) ? firstQuestion : "Conversation";
}
