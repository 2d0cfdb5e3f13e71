import { describe, expect, test } from "bun:test";

import { REDACTED_KINDS, type RedactedKind } from "../../src/config/redaction.ts";
import { redactText } from "../../src/redaction/text-redactor.ts";

/** What must be found, and what only looks like it, as people and machines write it. */

/** The numbers that the networks and payment providers publish for tests. */
const CARDS: Readonly<Record<string, readonly string[]>> = {
  Visa: ["4111111111111111", "4012888888881881", "4242424242424242", "4000056655665556"],
  Mastercard: ["5555555555554444", "5105105105105100", "2223003122003222", "2223000048400011"],
  "American Express": ["378282246310005", "371449635398431", "378734493671000"],
  Discover: ["6011111111111117", "6011000990139424", "6011981111111113"],
  "Diners Club": ["30569309025904", "38520000023237", "36227206271667", "3056930009020004"],
  JCB: ["3530111333300000", "3566002020360505"],
  UnionPay: ["6200000000000005", "6205500000000000004"],
};

/** How each length is printed and typed. */
const GROUPINGS: Readonly<Record<number, readonly (readonly number[])[]>> = {
  14: [[4, 6, 4], [4, 4, 4, 2], [14]],
  15: [[4, 6, 5], [4, 4, 4, 3], [15]],
  16: [[4, 4, 4, 4], [8, 8], [16]],
  19: [[4, 4, 4, 4, 3], [6, 13], [19]],
};

/** Spaces and hyphens of several kinds, and full stops. */
const SEPARATORS = [" ", "-", ".", "\u00a0", "\u202f", "\u2011", "\u2013"];

/** How cards of so many digits are printed. */
const USUAL: Readonly<Record<number, readonly number[]>> = {
  13: [4, 3, 3, 3],
  14: [4, 6, 4],
  15: [4, 6, 5],
  16: [4, 4, 4, 4],
};

function grouped(digits: string, lengths: readonly number[], separator: string): string {
  let at = 0;
  return lengths.map((length) => digits.slice(at, (at += length))).join(separator);
}

function foundIn(text: string): { readonly found: readonly RedactedKind[]; readonly left: string } {
  const found: RedactedKind[] = [];
  const left = redactText(text, REDACTED_KINDS, (kind) => found.push(kind));
  return { found, left };
}

/** Found in a sentence, at its beginning and end, and between marks, with nothing of it left. */
function expectFound(kind: RedactedKind, written: string): void {
  const sentences = [
    `I have ${written} here.`,
    written,
    `“${written}”`,
    `(${written}), ok`,
    `是${written}。`,
    `**${written}**`,
    `_${written}_`,
    `Is it __${written}__?`,
  ];
  for (const sentence of sentences) {
    const { found, left } = foundIn(sentence);
    expect([sentence, found.includes(kind)]).toEqual([sentence, true]);
    expect(left).not.toMatch(/\p{Nd}/u);
  }
}

describe.each(Object.entries(CARDS))("the cards of %s", (_network, cards) => {
  test("are found in all their groupings, with every separator", () => {
    for (const digits of cards) {
      for (const lengths of GROUPINGS[digits.length] ?? []) {
        for (const separator of SEPARATORS) {
          expectFound("cards", grouped(digits, lengths, separator));
        }
      }
    }
  });

  test("are found in the usual groups with several spaces and hyphens between them", () => {
    for (const digits of cards) {
      for (const separator of ["  ", "\t", " - ", " \u2013 ", "   "]) {
        const lengths = USUAL[digits.length] ?? [4, 4, 4, 4, digits.length - 16];
        expectFound("cards", grouped(digits, lengths, separator));
      }
    }
  });

  test("are found alone in any grouping, in other scripts, and with signs that nobody sees", () => {
    for (const digits of cards) {
      expectFound("cards", grouped(digits, Array<number>(digits.length).fill(1), " "));
      for (const zero of [0x660, 0x966, 0xff10, 0x1d7ce]) {
        expectFound(
          "cards",
          digits.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit))),
        );
      }
      expectFound("cards", grouped(digits, [4, 4, 4, digits.length - 12], "\u200b"));
      expectFound("cards", grouped(digits, [5, 5, digits.length - 10], "\u00ad"));
    }
  });

  test("are not found when a digit is wrong, one is missing or one is too much", () => {
    for (const digits of cards) {
      const last = (Number(digits.at(-1)) + 1) % 10;
      for (const wrong of [
        `${digits.slice(0, -1)}${last}`,
        `${digits}${last}${last}${last}${last}${last}${last}`,
      ]) {
        expect(redactText(`Order ${wrong}.`, ["cards"])).toBe(`Order ${wrong}.`);
      }
    }
  });
});

test("a card is found beside other numbers", () => {
  const texts = [
    ["4111 1111 1111 1111 123", "•••• •••• •••• •••• 123"],
    ["4111 1111 1111 1111 12/27 123", "•••• •••• •••• •••• 12/27 123"],
    ["4111111111111111/1227", "••••••••••••••••/1227"],
    ["4111111111111111,5555555555554444", "••••••••••••••••,••••••••••••••••"],
    ["4111 1111 1111 1111 5555 5555 5555 4444", "•••• •••• •••• •••• •••• •••• •••• ••••"],
    ["17 4111 1111 1111 1111", "17 •••• •••• •••• ••••"],
    ["Visa 4111-1111-1111-1111, exp. 12/27", "Visa ••••-••••-••••-••••, exp. 12/27"],
    ["?card=4111111111111111&x=1", "?card=••••••••••••••••&x=1"],
    ["4222 222 222 222", "•••• ••• ••• •••"],
  ] as const;
  for (const [text, expected] of texts) expect(redactText(text, ["cards"])).toBe(expected);
});

/** Examples of the IBAN registry (SWIFT). */
const IBANS =
  `AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201
AZ21NABZ00000000137010001944 BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 BH67BMAG00001299123456
BR1800360305000010009795493C1 CH9300762011623852957 CR05015202001026284066 CY17002001280000001200527600
CZ6508000000192000145399 DE89370400440532013000 DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685
ES9121000418450200051332 FI2112345600000785 FO6264600001631634 FR1420041010050500013M02606 GB29NWBK60161331926819
GE29NB0000000101904917 GI75NWBK000000007099453 GL8964710001000206 GR1601101250000000012300695
GT82TRAJ01020000001210029690 HR1210010051863000160 HU42117730161111101800000000 IE29AIBK93115212345678
IL620108000000099999999 IS140159260076545510730339 IT60X0542811101000000123456 JO94CBJO0010000000000131000302
KW81CBKU0000000000001234560101 KZ86125KZT5004100100 LB62099900000001001901229114 LI21088100002324013AA
LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 MC5811222000010123456789030 MD24AG000225100013104168
ME25505000012345678951 MK07250120000058984 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S
MU17BOMM0101101030300200000MUR NL91ABNA0417164300 NO9386011117947 PK36SCBL0000001123456702
PL61109010140000071219812874 PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG
RO49AAAA1B31007593840000 RS35260005601001611379 SA0380000000608010167519 SE4550000000058398257466 SI56263300012039086
SK3112000000198742637541 SM86U0322509800000000270100 TN5910006035183598478831 TR330006100519786457841326
UA213223130000026007233566001 VA59001123000012345678 VG96VPVG0000012345678901 XK051212012345678906`.split(
    /\s+/,
  );

test.each(IBANS)("the IBAN %s is found, and not when a digit is wrong", (iban) => {
  const groups = iban.match(/.{1,4}/g) ?? [];
  expectFound("ibans", iban);
  expectFound("ibans", iban.toLowerCase());
  expectFound("ibans", groups.join(" "));
  expectFound("ibans", groups.join("-"));
  expectFound("ibans", groups.join("\u00a0"));
  expectFound("ibans", groups.join("  "));
  expectFound("ibans", groups.join(" - "));
  expectFound("ibans", `${iban.slice(0, 2)} ${iban.slice(2)}`);
  expect(redactText(`To ${iban}.`, ["ibans"])).toBe(
    `To ${iban.slice(0, 2)}${iban.slice(2).replaceAll(/./g, "•")}.`,
  );
  const wrong = `${iban.slice(0, 2)}${iban.slice(2, 4) === "99" ? "98" : "99"}${iban.slice(4)}`;
  if (wrong !== iban) expect(redactText(`To ${wrong}.`, ["ibans"])).toBe(`To ${wrong}.`);
  expect(redactText(`To ${iban}0.`, ["ibans"])).toBe(`To ${iban}0.`);
});

test("an IBAN begins with a word", () => {
  const iban = IBANS[3] ?? "";
  expect(redactText(`DE 89${iban}`, ["ibans"])).toBe(`DE 89${iban}`);
  expect(redactText(`x${iban}`, ["ibans"])).toBe(`x${iban}`);
  expect(redactText(`DE 89 ${iban}`, ["ibans"])).toBe("DE 89 AT••••••••••••••••••");
});

/** Numbers as they are written at home and abroad. Those of North America and Britain are reserved for fiction. */
const PHONES: Readonly<Record<string, readonly string[]>> = {
  Germany: [
    "+49 30 1234567",
    "+4930123456",
    "+49 (0)30 123456",
    "0049 30 1234567",
    "004917112345678",
    "030 1234567",
    "030/123 45 67",
    "030 - 1234567",
    "(030) 1234567",
    "0171-1234567",
    "+49-171-1234567",
    "(+49) 30 1234567",
  ],
  "United States": [
    "+1 (212) 555-0123",
    "+1 212 555 0123",
    "+12125550123",
    "(212) 555-0123",
    "212-555-0123",
    "212.555.0123",
    "1-800-555-0199",
  ],
  "United Kingdom": ["+44 20 7946 0958", "020 7946 0958", "+44 (0)20 7946 0958", "07700 900123"],
  France: ["+33 1 23 45 67 89", "01 23 45 67 89", "01.23.45.67.89", "06-12-34-56-78"],
  Italy: ["+39 06 1234 5678", "06 1234 5678", "+39 347 123 4567"],
  Spain: ["+34 912 345 678", "+34 612 34 56 78"],
  Netherlands: ["+31 20 123 4567", "020-1234567", "06-12345678"],
  Switzerland: ["+41 44 668 18 00", "044 668 18 00"],
  Poland: ["+48 22 123 45 67", "+48 601 234 567"],
  Sweden: ["+46 8 123 456 78", "08-123 456 78", "070-123 45 67"],
  Japan: ["+81 3-1234-5678", "03-1234-5678", "090-1234-5678"],
  Korea: ["+82 2-312-3456", "010-1234-5678"],
  China: ["+86 138 0013 8000", "138-0013-8000"],
  India: ["+91 98765 43210", "098765 43210"],
  Australia: ["+61 2 9876 5432", "(02) 9876 5432", "0412 345 678"],
  Brazil: ["+55 11 91234-5678", "(11) 91234-5678"],
  Russia: ["+7 495 123-45-67", "8 (495) 123-45-67", "8 800 555-35-35"],
  Turkey: ["+90 532 123 45 67", "0532 123 45 67"],
  Israel: ["+972 50-123-4567", "050-123-4567"],
  Egypt: ["+20 2 12345678", "+٢٠ ٢ ١٢٣٤٥٦٧٨"],
};

test.each(Object.entries(PHONES))("phone numbers of %s are found", (_country, numbers) => {
  for (const number of numbers) {
    expectFound("phones", number);
    expectFound("phones", `+1 212 555 0123, ${number}`);
    const { found, left } = foundIn(`Call ${number}: we are there from 9 to 17:30.`);
    expect(found).toEqual(["phones"]);
    expect(left).toEndWith(": we are there from 9 to 17:30.");
  }
});

const EMAILS = [
  "anna@example.com",
  "anna.b+tag@mail.example.co.uk",
  "ANNA@EXAMPLE.COM",
  "a@b.de",
  "müller@münchen.example",
  "иван@пример.рф",
  "o'brien@example.ie",
  "anna_b%c@ex-ample.org",
  "a.b@xn--mnchen-3ya.de",
  "anna@example.museum",
];

test.each(EMAILS)("the e-mail address %s is found, and its marks stay", (address) => {
  const masked = address.replaceAll(/[\p{L}\p{N}]/gu, "•");
  for (const [before, behind] of [
    ["", ""],
    ["Write to ", "."],
    ["<", ">"],
    ["mailto:", "?subject=x"],
    ["邮箱是", "谢谢"],
    ["(", "), ok"],
    ["**", "**"],
    ["", "...or not"],
  ]) {
    expect(redactText(`${before}${address}${behind}`, ["emails"])).toBe(
      `${before}${masked}${behind}`,
    );
  }
});

/** What is none of these. Each was chosen because it has their digits, their length or their marks. */
const LOOK_ALIKES: Readonly<Record<string, readonly string[]>> = {
  "orders, invoices and customers": [
    "4111111111111112",
    "302-1234567-1234567",
    "012-3456789-0123456",
    "#030-1234567",
    "0045001234",
    "4500012345",
    "000000000000012345",
    "RE-2024-000123",
    "RE-0123-456789",
    "INV 2024/0815",
    "A-0123456",
    "123456789",
    "KD 10-200-3000",
    "1234 5678 9012 3456",
    "100 200 3000",
    "EUR-4500-1200",
  ],
  parcels: [
    "1Z999AA10123456784",
    "RR123456789DE",
    "JD014600003828394857",
    "00340434161094042557",
    "0034 0434 1610 9404 2557",
    "9400 1000 0000 0000 0000 00",
    "9400111899223344557721",
    "6129 9998 8887 7776 55",
    "420941149405511899223197428490",
  ],
  "dates and times": [
    "2024-11-26 10:30:15",
    "26.11.2024 10:30",
    "01.02.2024 10",
    "01.02.2024 10:30",
    "01/02/2024 12:30",
    "01-02-2024-12",
    "2024-11-26T10:30:15.123456789Z",
    "2024-01-01T10:00:00+01:00",
    "20241126103015",
    "1732617000",
    "1732617000000",
    "1732617000000000",
    "1732617000000000000",
    "1732617000.123456",
    "08:00-17:00",
    "09.00-17.30",
    "09.00-12.00 13.00-17.30",
    "24/7",
    "5/12",
    "1999-2024",
  ],
  "prices and amounts": [
    "1.234.567,89 €",
    "€ 1 234 567,00",
    "$1,234,567.00",
    "12 345 678",
    "100.000.000",
    "+25 000 000",
    "+500 000 000",
    "3,5 Mio",
    "50 % of 1200",
    "300 400 500",
    "0,4111111111111111",
    "0.4111111111111111",
    "0.5500000000000004",
    "6.02214076e23",
    "3.14159265358979323846",
    "2.718281828459045",
    "[ .5446307051249019, -.00410075161564345 ]",
  ],
  "versions and addresses in a network": [
    "v1.2.3",
    "10.0.0.1",
    "192.168.100.200",
    "010.001.002.003",
    "192.0.2.123:8080",
    "1.10.2024.1234",
    "01.10.2024.1234",
    "2001:db8::1234:5678",
    "00:1A:2B:3C:4D:5E",
  ],
  "books and products": [
    "978-3-16-148410-0",
    "978-0-306-40615-7",
    "0-306-40615-2",
    "0306406152",
    "9783161484100",
    "4006381333931",
    "4012345678901",
    "5901234123457",
    "ISSN 0378-5955",
    "PZN 01234567",
  ],
  "identifiers and hashes": [
    "550e8400-e29b-41d4-a716-446655440000",
    "12345678-1234-4111-8111-111111111111",
    "d41d8cd98f00b204e9800998ecf8427e",
    "4111111111111111a",
    "e4111111111111111",
    "0x4111111111111111",
    "sha256:4111111111111111222233334444",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "id_4111111111111111",
    "4111111111111111_n.jpg",
    "356938035643809",
    "WVWZZZ1JZXW000001",
    "DE123456789",
    "DE12 3456 7890",
    "DE89370400440532013001",
  ],
  "sums and measures": [
    "1+1 = 2",
    "5+12345678",
    "1920x1080",
    "48°51′24″N 2°21′08″E",
    "52.5200, 13.4050",
    "+5 °C",
    "-0171 1",
    "007",
    "112",
    "1-2-3",
    "4-4-2",
    "AT 10 pm",
    "IS 2024",
    "37040044",
    "(2023) 100 000",
    "12-345",
    "02110-1301",
    "Buffer 01 02 03 04 05 06",
    "/news/0104/010417.html",
  ],
  "what is no address": [
    "@user",
    "a@b",
    "user@localhost",
    "react@18.3.1",
    "@scope/name@1.0.0",
    "me @ home",
    "a@b.1",
    "x@.de",
    "@@example.com",
  ],
};

test.each(Object.entries(LOOK_ALIKES))("%s are left as they are", (_kind, texts) => {
  for (const text of texts) {
    for (const sentence of [text, `It is ${text}.`, `(${text}), ok`, `${text} and ${text}`]) {
      expect(redactText(sentence, REDACTED_KINDS)).toBe(sentence);
    }
  }
});

test("of random numbers of a card's length, three in a hundred pass for a card", () => {
  let state = 12_345;
  const digit = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String(Math.floor(state / 65_536) % 10);
  };
  const count = 20_000;
  let cards = 0;
  for (let n = 0; n < count; n += 1) {
    const digits = Array.from({ length: 16 }, digit).join("");
    redactText(digits, ["cards"], () => (cards += 1));
  }
  expect(cards / count).toBeLessThan(0.03);
});
