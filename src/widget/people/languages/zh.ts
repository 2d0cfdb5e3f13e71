import type { Words } from "../words.ts";

/** Chinese, simplified; en.ts says what the keys and % stand for. */
export const ZH: Words = {
  good: "有帮助",
  bad: "没有帮助",
  why: "哪里有问题？",
  wrong: "不正确",
  incomplete: "不完整",
  offTopic: "答非所问",
  other: "其他",
  comment: "详细说明（选填）",
  left: "还可输入 % 个字符",
  thanks: "谢谢！",
  close: "关闭",

  person: "联系人工",
  contact: "电子邮件或电话号码",
  another: "使用其他联系方式",
  note: "有什么问题？（选填）",
  along: "问题会一并发送。",
  consent: "发送即表示同意将这些信息用于回复。",
  privacy: "隐私",
  send: "发送",
  cancel: "取消",
  mailed: "工作人员会写信到 %。",
  called: "工作人员会拨打 %。",

  open: "现在有人在线。",
  opens: "下次在线时间：%。",
  hours: "在线时间：%",
  closed: "休息",

  here: "% 在线。",
  writing: "% 正在输入…",
  away: "现在由助手继续回答。",

  contactWrong: "这不是电子邮件地址，也不是电话号码。",
  unsent: "发送失败，请重试。",
  tooMany: "今天已经提交过多次，请明天再试。",
  off: "目前这里无法联系人工。",
};
