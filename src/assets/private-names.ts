/**
 * Names of properties that only the panel's own files use with each other, so that the build may shorten them. None is a
 * browser's, a language's, or one of what is stored, sent or shared with a loader of another version (contract.ts):
 * tests/assets/private-names.test.ts looks.
 */
export const PRIVATE_NAMES = `
  alignments blocks canClose canOpen definitions delimiter depth indent inner isBlank isBlankAfter isChecked isGrowing
  isImage isRest outer rest skipColumns skipIndent writeAll
  asked isAnswering isLoading lastEvent onFailure onMove onSwitch renew
  announced breakOffToEnd composer contactUrl createCopyButton explain focusInput full inputPlaceholder moments onDraft
  onSend onStop pick place privacyUrl problems settings welcomeMessage
`
  .trim()
  .split(/\s+/);
