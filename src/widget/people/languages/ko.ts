import type { Words } from "../words.ts";

/** Korean; en.ts says what the keys and % stand for. */
export const KO: Words = {
  good: "도움이 됨",
  bad: "도움이 안 됨",
  why: "무엇이 문제였나요?",
  wrong: "틀림",
  incomplete: "불완전함",
  offTopic: "주제에서 벗어남",
  other: "기타",
  comment: "자세한 내용(선택)",
  left: "%자 남음",
  thanks: "감사합니다!",
  close: "닫기",

  person: "상담원과 대화",
  contact: "이메일 또는 전화번호",
  another: "다른 연락처 사용",
  note: "어떤 내용인가요? (선택)",
  along: "질문도 함께 보냅니다.",
  consent: "보내면 답변을 위해 이 내용을 사용하는 데 동의하게 됩니다.",
  privacy: "개인정보 보호",
  send: "보내기",
  cancel: "취소",
  mailed: "상담원이 % 주소로 메일을 보내 드립니다.",
  called: "상담원이 % 번호로 전화를 드립니다.",

  open: "지금 상담원이 있습니다.",
  opens: "다음 상담 시작: %.",
  hours: "상담 시간: %",
  closed: "휴무",

  here: "%님이 함께합니다.",
  writing: "%님이 입력 중…",
  away: "다시 어시스턴트가 답변합니다.",

  contactWrong: "이메일 주소나 전화번호가 아닙니다.",
  unsent: "보내지 못했습니다. 다시 시도해 주세요.",
  tooMany: "오늘 이미 여러 번 보냈습니다. 내일 다시 시도해 주세요.",
  off: "지금은 상담원에게 연락할 수 없습니다.",
};
