import { randomNumbers } from "../../harness/random-numbers.ts";
import type { Section } from "../../src/text/document.ts";

/** Words of several scripts, some of which begin alike. */
const LANGUAGES: readonly (readonly string[])[] = [
  "parcels parcel shipping ships to from the and of Norway norwegian takes three days refund refunds order".split(
    " ",
  ),
  "Pakete Paket versenden Versand nach der und von Österreich österreichisch dauert drei Tage Größe größer".split(
    " ",
  ),
  "посылки посылка доставка доставляем в и из Норвегию норвежский три дня возврат вернуть заказ".split(
    " ",
  ),
  "الطرود الطرد الشحن نشحن إلى من و النرويج ثلاثة أيام استرداد طلب".split(" "),
  "荷物は 三日で 届きます。 送料 無料 返品 注文の 方法 東京から 大阪まで".split(" "),
  "พัสดุใช้เวลา สามวัน จัดส่งฟรี คืนสินค้า สั่งซื้อ กรุงเทพ".split(" "),
  "소포는 소포가 삼일 걸립니다 배송은 배송료 환불 주문을 서울에서".split(" "),
];

/** Some documents of several languages, as lists of sections: 364 in all. The same ones each time. */
export function knownPassages(): Section[][] {
  const random = randomNumbers(20_261_126);
  const below = (count: number) => Math.floor(random() * count);
  const pick = (words: readonly string[]) => words[below(words.length)] ?? "";
  return Array.from({ length: 28 }, (_, document) => {
    const words = LANGUAGES[document % LANGUAGES.length] ?? [];
    return Array.from({ length: 13 }, (_section, n) => ({
      heading: `${pick(words)} › ${pick(words)}`,
      anchor: `s${n}`,
      text: Array.from({ length: 5 + below(60) }, () => pick(words)).join(" "),
    }));
  });
}

/** A question of some of its words for each document. */
export function questionsOf(documents: readonly (readonly Section[])[]): string[] {
  return documents.map((sections, n) => (sections[n % sections.length]?.text ?? "").slice(0, 60));
}
