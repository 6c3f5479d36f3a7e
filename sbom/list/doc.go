// Package list reads reference lists, which say who is designated, denied or
// allowed, and compares the parties that a bill of materials names with them.
//
// [Parse] reads two forms, told apart by their first line alone:
//
//   - plain CSV (RFC 4180, UTF-8) with the columns of [Columns], of which name is
//     needed; a column of another name is refused, because what it was meant to
//     say would be lost;
//   - the CSV of the US Consolidated Screening List, by its columns source, name
//     and source_list_url.
//
// # Names, yurai-name/1
//
// [Fold] brings a name into the form in which it is compared:
//
//  1. NFKC, which also makes full-width Latin and half-width kana ordinary; a
//     voiced sound mark that stands alone joins the kana before it; invisible
//     characters, and those that choose the form of another one, are left out.
//  2. Case folding; accents on Latin, Greek and Cyrillic letters are left out.
//  3. Hiragana becomes katakana, small kana large, and the long vowel mark is
//     left out; traditional, simplified and Japanese forms of a character that
//     is common in names of companies become one.
//  4. Full stops and apostrophes are left out, & becomes and, everything else
//     that is neither letter nor digit ends a word; so does a change between
//     Latin letters or digits and other scripts.
//  5. Legal forms are left out: 株式会社, (株), 有限公司, 주식회사 at either end of
//     a word, Co., Ltd., GmbH, S.p.A. at the end of a name, OOO or PT before it.
//     A name that consists of nothing else keeps them.
//
// [Score] compares two folded names, in per mille:
//
//	1000  the same after folding
//	 980  the same but for spaces
//	 970  the same words in another order
//	 960  the same to the eye: look-alike letters of another script, and of kana and
//	      kanji (カ and 力)
//	 950  the same but for words that many companies bear (Technology, Group,
//	      Japan, 技術, ホールディングス)
//	 930  one is the other with more words, or begins with the other where words
//	      are not set apart
//	else  Jaro-Winkler over the letters without spaces, at most 979, of the words
//	      as they stand or sorted, whichever is higher; and at most 929 between
//	      names of fewer than four letters
//
// Arithmetic is in integers: the score is the same on every machine. It knows no
// transliteration (華為 and Huawei do not meet): a list has to carry both. It
// follows the tables of Unicode that the program was built with; characters that
// are newer than those fold to themselves.
//
// A name that cannot be compared — none, too long, not UTF-8, nothing but
// punctuation, written backwards for the eye alone — is never "not on the list": [List.Find] says so.
package list
