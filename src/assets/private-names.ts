/**
 * Names of properties that only the panel's own files use with each other, so that the build may shorten them. None is a
 * browser's or a language's, none is stored, sent or shared with a loader of another version (contract.ts), and none is
 * written as a text to name a property: tests/assets/private-names.test.ts looks.
 */
export const PRIVATE_NAMES = `
  alignments canClose canOpen definitions delimiter depth indent inner isBlank isBlankAfter isGrowing
  isImage outer rest skip skipColumns skipIndent
  answer asked isAnswering isLoading lastEvent onFailure onMove onSwitch renew
  announced breakOffToEnd createCopyButton explain focusInput full inputPlaceholder moments onDraft
  begin current draft expectTable goTo keep render seconds showClosed
  longParts offer place privacyUrl problems settings welcomeMessage
  suggestions unread cameFrom colours isOurs onAskAgain onChange onDismiss onLimit onMessage onOpen tree
`
  .trim()
  .split(/\s+/);
