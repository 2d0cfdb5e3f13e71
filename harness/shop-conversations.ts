import type { Grounding, Outcome, TurnError } from "../src/conversation/records.ts";

/** A question of a visitor and what became of it. */
export interface ShopTurn {
  readonly question: string;
  readonly answer: string;
  /** How the answer ended; `complete` by default. */
  readonly status?: Outcome["status"];
  readonly error?: TurnError;
  readonly grounding?: Grounding;
  readonly firstTokenMs?: number;
}

export interface ShopConversation {
  readonly sessionId: string;
  /** How long ago it began. */
  readonly hoursAgo: number;
  readonly turns: readonly ShopTurn[];
}

const SIZES = `Here is the overview:

| Size | Chest | Length | In stock |
|:-----|------:|-------:|:--------:|
| S    | 92 cm | 66 cm  | yes |
| M    | 98 cm | 68 cm  | yes |
| L    | 104 cm | 70 cm | **no**, from Monday |

Between two sizes, take the larger one. See [the size guide](/sizes).`;

const WEBHOOK = `Yes. Each order sends a request to your address:

\`\`\`js
app.post("/orders", (request, response) => {
  if (!isSigned(request)) return response.sendStatus(401);
  console.log(request.body.order.id);
  response.sendStatus(204);
});
\`\`\`

1. Add the address under **Account › Webhooks**.
2. Copy the secret.
3. Press *Send a test*.`;

const RETURN = `You have **30 days** from the day it arrived:

- Put the item back into its box.
- Print the label under *My orders*.
- Hand it in at any post office.

The money is back within five working days.`;

/** Two months of a small shop for lamps and shirts: visitors in six languages, good answers and poor ones. */
export const SHOP_CONVERSATIONS: readonly ShopConversation[] = [
  {
    sessionId: "kari.nordmann",
    hoursAgo: 0.2,
    turns: [
      {
        question: "Do you ship to Norway, and what does it cost?",
        answer:
          "Yes, we do. It takes **four to six working days** and costs €12, or nothing from €150.",
        grounding: "cited",
        firstTokenMs: 420,
      },
      {
        question: "And customs?",
        answer: "They are included in our price to Norway.",
        grounding: "cited",
      },
    ],
  },
  {
    sessionId: "v-7f21c0",
    hoursAgo: 1.5,
    turns: [{ question: "which size should I take, I am usually between M and L", answer: SIZES }],
  },
  {
    sessionId: "v-03bb9e",
    hoursAgo: 3,
    turns: [
      {
        question: "Kann ich die Lampe „Skagen“ auch mit einem Schweizer Stecker bestellen?",
        answer: "",
        status: "failed",
        error: "model_timeout",
      },
    ],
  },
  {
    sessionId: "amira",
    hoursAgo: 6,
    turns: [
      {
        question: "هل يمكنني إرجاع القميص بعد عشرين يومًا؟",
        answer: "نعم، لديك **30 يومًا** من تاريخ الاستلام. اطبع الملصق من صفحة *طلباتي*.",
        grounding: "cited",
      },
    ],
  },
  {
    sessionId: "v-55d0aa",
    hoursAgo: 20,
    turns: [
      { question: "How do I return a lamp?", answer: RETURN, grounding: "cited" },
      {
        question: "Even if I opened the box?",
        answer: "Yes, as long as nothing is missing or broken.",
      },
      { question: "Thank you!", answer: "You are welcome. Enjoy your day!", firstTokenMs: 310 },
    ],
  },
  {
    sessionId: "sato",
    hoursAgo: 27,
    turns: [
      {
        question: "日本への配送はできますか？送料も教えてください。",
        answer: "はい、できます。送料は **€24** で、お届けまで 8〜12 営業日かかります。",
      },
    ],
  },
  {
    sessionId: "v-9c1e44",
    hoursAgo: 30,
    turns: [
      {
        question: "Is the Skagen lamp dimmable?",
        answer: "Our pages do not say whether the Skagen lamp can be dimmed.",
        grounding: "none",
      },
    ],
  },
  {
    sessionId: "dev@atelier.example",
    hoursAgo: 46,
    turns: [
      { question: "Can my own system be told of new orders?", answer: WEBHOOK, firstTokenMs: 880 },
    ],
  },
  {
    sessionId: "v-20ce5d",
    hoursAgo: 52,
    turns: [
      {
        question: "Quels sont vos horaires d’ouverture le samedi ?",
        answer: "Le samedi, le magasin est ouvert **de 10 h à 18 h**.",
        grounding: "cited",
      },
    ],
  },
  {
    sessionId: "v-b2f730",
    hoursAgo: 74,
    turns: [
      {
        question: "Write me a long poem about lamps in all languages you know",
        answer: "A lamp stood quiet on the sill,\nand lit the",
        status: "stopped",
      },
    ],
  },
  {
    sessionId: "v-e81a02",
    hoursAgo: 99,
    turns: [
      {
        question: "¿Hacéis factura a nombre de una empresa?",
        answer:
          "Sí. Escribe el nombre y el NIF de la empresa antes de pagar, y la factura llega por correo.",
      },
    ],
  },
  {
    sessionId: "marta",
    hoursAgo: 122,
    turns: [
      {
        question: "My parcel says delivered but it is not here",
        answer:
          "I am sorry about that. Please look with your neighbours first, and **write to us** on the next day: then we send another one.",
      },
      {
        question: "order 20417",
        answer: "I cannot look up orders. Please write to orders@lamps.example.",
      },
    ],
  },
  {
    sessionId: "v-6ad3f1",
    hoursAgo: 170,
    turns: [
      {
        question: "Wie lange gilt die Garantie auf die LED?",
        answer: "Fünf Jahre ab dem Kauf. Die Rechnung genügt als Nach",
        status: "interrupted",
        error: "interrupted",
      },
      {
        question: "Wie lange gilt die Garantie auf die LED?",
        answer: "**Fünf Jahre** ab dem Kauf. Die Rechnung genügt als Nachweis.",
        grounding: "cited",
      },
    ],
  },
  {
    sessionId: "v-0f94c8",
    hoursAgo: 230,
    turns: [
      {
        question: "gift wrapping?",
        answer: "Yes, for €4. Choose it in the basket.",
        firstTokenMs: 290,
      },
    ],
  },
  {
    sessionId: "v-31bd7a",
    hoursAgo: 290,
    turns: [
      {
        question: "Do you repair lamps that were bought elsewhere?",
        answer: "Our pages do not say anything about lamps from other shops.",
        grounding: "none",
      },
    ],
  },
  {
    sessionId: "jonas.k",
    hoursAgo: 380,
    turns: [
      { question: "Habt ihr am 24. Dezember offen?", answer: "Ja, bis 13 Uhr." },
      { question: "und silvester", answer: "Auch bis 13 Uhr." },
    ],
  },
  {
    sessionId: "v-c77e19",
    hoursAgo: 520,
    turns: [
      {
        question: "Can I pay by invoice?",
        answer: "Yes, companies can. Private customers pay by card, PayPal or bank transfer.",
      },
    ],
  },
  {
    sessionId: "v-88a1d6",
    hoursAgo: 760,
    turns: [
      {
        question: "Which lamp is the brightest one that you have?",
        answer: "The **Arc 90** with 2,400 lumens.",
      },
    ],
  },
  {
    sessionId: "v-14e0b3",
    hoursAgo: 980,
    turns: [
      {
        question: "Where is your shop?",
        answer: "At 12 Harbour Street, two minutes from the station.",
        grounding: "cited",
      },
      {
        question: "parking?",
        answer: "There is a car park behind the building, free for an hour.",
        firstTokenMs: 1400,
      },
    ],
  },
  {
    sessionId: "v-d5520f",
    hoursAgo: 1200,
    turns: [
      {
        question: "Bonjour, livrez-vous en Belgique ?",
        answer: "Oui, en deux à trois jours ouvrables, pour 7 €.",
      },
    ],
  },
];
