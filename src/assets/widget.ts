/** STUB: stands for the widget's asset until it is merged; the real file replaces this one. */
export const widgetAsset = {
  source: "",
  hash: "0123456789abcdef",
  integrity: `sha384-${"A".repeat(64)}`,
  path: "/widget/chat-widget.js",
  immutablePath: "/widget/chat-widget.0123456789abcdef.js",
};
