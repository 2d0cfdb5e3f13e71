/** The names of U+00A0 to U+00FF in their order. Browsers read them without a semicolon, too. */
const LATIN_1 = `
  nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn
  sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave
  Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml
  ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN
  szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave
  iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc
  uuml yacute thorn yuml`;

/** Names and code points in hexadecimal: the rest of HTML 4, and what pages use of HTML 5. */
const OTHERS = `
  Alpha 391 Beta 392 Chi 3a7 Dagger 2021 Delta 394 Epsilon 395 Eta 397 Gamma 393 Iota 399 Kappa
  39a Lambda 39b Mu 39c Nu 39d OElig 152 Omega 3a9 Omicron 39f Phi 3a6 Pi 3a0 Prime 2033 Psi 3a8
  Rho 3a1 Scaron 160 Sigma 3a3 Tau 3a4 Theta 398 Upsilon 3a5 Xi 39e Yuml 178 Zeta 396 alefsym
  2135 alpha 3b1 amp 26 and 2227 ang 2220 asymp 2248 bdquo 201e beta 3b2 bull 2022 cap 2229 chi
  3c7 circ 2c6 clubs 2663 cong 2245 crarr 21b5 cup 222a dArr 21d3 dagger 2020 darr 2193 delta
  3b4 diams 2666 empty 2205 emsp 2003 ensp 2002 epsilon 3b5 equiv 2261 eta 3b7 euro 20ac exist
  2203 fnof 192 forall 2200 frasl 2044 gamma 3b3 ge 2265 gt 3e hArr 21d4 harr 2194 hearts 2665
  hellip 2026 image 2111 infin 221e int 222b iota 3b9 isin 2208 kappa 3ba lArr 21d0 lambda 3bb
  lang 2329 larr 2190 lceil 2308 ldquo 201c le 2264 lfloor 230a lowast 2217 loz 25ca lrm 200e
  lsaquo 2039 lsquo 2018 lt 3c mdash 2014 minus 2212 mu 3bc nabla 2207 ndash 2013 ne 2260 ni
  220b notin 2209 nsub 2284 nu 3bd oelig 153 oline 203e omega 3c9 omicron 3bf oplus 2295 or 2228
  otimes 2297 part 2202 permil 2030 perp 22a5 phi 3c6 pi 3c0 piv 3d6 prime 2032 prod 220f prop
  221d psi 3c8 quot 22 rArr 21d2 radic 221a rang 232a rarr 2192 rceil 2309 rdquo 201d real 211c
  rfloor 230b rho 3c1 rlm 200f rsaquo 203a rsquo 2019 sbquo 201a scaron 161 sdot 22c5 sigma 3c3
  sigmaf 3c2 sim 223c spades 2660 sub 2282 sube 2286 sum 2211 sup 2283 supe 2287 tau 3c4 there4
  2234 theta 3b8 thetasym 3d1 thinsp 2009 tilde 2dc trade 2122 uArr 21d1 uarr 2191 upsih 3d2
  upsilon 3c5 weierp 2118 xi 3be zeta 3b6 zwj 200d zwnj 200c Abreve 102 abreve 103 Acy 410 acy
  430 Amacr 100 amacr 101 AMP 26 Aogon 104 aogon 105 apos 27 ast 2a Bcy 411 bcy 431 bsol 5c
  Cacute 106 cacute 107 Ccaron 10c ccaron 10d Ccirc 108 ccirc 109 Cdot 10a cdot 10b CHcy 427
  chcy 447 colon 3a comma 2c commat 40 Dcaron 10e dcaron 10f Dcy 414 dcy 434 DiacriticalGrave 60
  DJcy 402 djcy 452 dollar 24 DScy 405 dscy 455 Dstrok 110 dstrok 111 DZcy 40f dzcy 45f Ecaron
  11a ecaron 11b Ecy 42d ecy 44d Edot 116 edot 117 Emacr 112 emacr 113 ENG 14a eng 14b Eogon 118
  eogon 119 equals 3d excl 21 Fcy 424 fcy 444 Gbreve 11e gbreve 11f Gcedil 122 Gcirc 11c gcirc
  11d Gcy 413 gcy 433 Gdot 120 gdot 121 GJcy 403 gjcy 453 grave 60 GT 3e HARDcy 42a hardcy 44a
  Hat 5e Hcirc 124 hcirc 125 Hstrok 126 hstrok 127 Icy 418 icy 438 Idot 130 IEcy 415 iecy 435
  IJlig 132 ijlig 133 Imacr 12a imacr 12b imath 131 inodot 131 IOcy 401 iocy 451 Iogon 12e iogon
  12f Itilde 128 itilde 129 Iukcy 406 iukcy 456 Jcirc 134 jcirc 135 Jcy 419 jcy 439 Jsercy 408
  jsercy 458 Jukcy 404 jukcy 454 Kcedil 136 kcedil 137 Kcy 41a kcy 43a kgreen 138 KHcy 425 khcy
  445 KJcy 40c kjcy 45c Lacute 139 lacute 13a lbrace 7b lbrack 5b Lcaron 13d lcaron 13e Lcedil
  13b lcedil 13c lcub 7b Lcy 41b lcy 43b LJcy 409 ljcy 459 Lmidot 13f lmidot 140 lowbar 5f lpar
  28 lsqb 5b Lstrok 141 lstrok 142 LT 3c Mcy 41c mcy 43c midast 2a Nacute 143 nacute 144 napos
  149 Ncaron 147 ncaron 148 Ncedil 145 ncedil 146 Ncy 41d ncy 43d NJcy 40a njcy 45a num 23 Ocy
  41e ocy 43e Odblac 150 odblac 151 Omacr 14c omacr 14d Pcy 41f pcy 43f percnt 25 period 2e plus
  2b quest 3f QUOT 22 Racute 154 racute 155 rbrace 7d rbrack 5d Rcaron 158 rcaron 159 Rcedil 156
  rcedil 157 rcub 7d Rcy 420 rcy 440 rpar 29 rsqb 5d Sacute 15a sacute 15b Scedil 15e scedil 15f
  Scirc 15c scirc 15d Scy 421 scy 441 semi 3b SHCHcy 429 shchcy 449 SHcy 428 shcy 448 SOFTcy 42c
  softcy 44c sol 2f Tcaron 164 tcaron 165 Tcedil 162 tcedil 163 Tcy 422 tcy 442 TScy 426 tscy
  446 TSHcy 40b tshcy 45b Tstrok 166 tstrok 167 Ubrcy 40e ubrcy 45e Ubreve 16c ubreve 16d Ucy
  423 ucy 443 Udblac 170 udblac 171 Umacr 16a umacr 16b UnderBar 5f Uogon 172 uogon 173 Uring
  16e uring 16f Utilde 168 utilde 169 Vcy 412 vcy 432 verbar 7c vert 7c VerticalLine 7c Wcirc
  174 wcirc 175 YAcy 42f yacy 44f Ycirc 176 ycirc 177 Ycy 42b ycy 44b YIcy 407 yicy 457 YUcy 42e
  yucy 44e Zacute 179 zacute 17a Zcaron 17d zcaron 17e Zcy 417 zcy 437 Zdot 17b zdot 17c ZHcy
  416 zhcy 436 Tab 9 NewLine a emsp13 2004 emsp14 2005 numsp 2007 puncsp 2008 hairsp 200a
  checkmark 2713 check 2713 cross 2717 star 2606 starf 2605 phone 260e female 2640 male 2642
  horbar 2015 dash 2010 hyphen 2010 bullet 2022 mldr 2026 nldr 2025 sung 266a flat 266d natural
  266e sharp 266f numero 2116 copysr 2117 telrec 2315 frac13 2153 frac23 2154 frac15 2155 frac25
  2156 frac35 2157 frac45 2158 frac16 2159 frac56 215a frac18 215b frac38 215c frac58 215d
  frac78 215e rarrw 219d larrhk 21a9 rarrhk 21aa LeftArrow 2190 RightArrow 2192 UpArrow 2191
  DownArrow 2193 leq 2264 geq 2265 approx 2248 blacksquare 25aa square 25a1 squ 25a1 blk14 2591
  block 2588`;

let named: ReadonlyMap<string, string> | undefined;

function readNames(): ReadonlyMap<string, string> {
  const words = (table: string) => table.trim().split(/\s+/);
  const found = new Map(
    words(LATIN_1).map((name, index) => [name, String.fromCodePoint(0xa0 + index)]),
  );
  const others = words(OTHERS);
  for (let index = 0; index + 1 < others.length; index += 2) {
    found.set(others[index] ?? "", String.fromCodePoint(parseInt(others[index + 1] ?? "", 16)));
  }
  return found;
}

const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,8})|#(\d{1,8})|([a-zA-Z][a-zA-Z0-9]{1,31}));?/g;
const REPLACEMENT = "\uFFFD";
/** Pages that were made on Windows write &#146; and mean the apostrophe of its code page (HTML standard, 13.2.5.80). */
const WINDOWS = new TextDecoder("windows-1252");

/** Replaces the character references of HTML and XML. Those that are unknown are left as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (reference, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return (named ??= readNames()).get(name) ?? reference;
    return characterOf(hex === undefined ? Number(decimal) : parseInt(hex, 16));
  });
}

function characterOf(code: number): string {
  if (code >= 0x80 && code <= 0x9f) return WINDOWS.decode(Uint8Array.of(code));
  const isCharacter = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff);
  return isCharacter ? String.fromCodePoint(code) : REPLACEMENT;
}
