package tokenizer

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// nfc returns Unicode's normalisation form C of text (UAX #15), as Hugging Face's normalizer NFC does: with
// the data of Unicode 9, and however many marks follow each other. Package norm has newer data, and breaks
// long runs of marks with a joiner; so it only tells here what needs no change, and what its characters are.
// Bytes that are not UTF-8 stay.
func nfc(text string) string {
	n := norm.NFC.QuickSpanString(text)
	if n == len(text) {
		return text
	}

	var c composer

	out := make([]byte, 0, len(text))

	for {
		out = append(out, text[:n]...)
		text = text[n:]

		if text == "" {
			return string(out)
		}

		n = segment(text)
		out = c.compose(out, text[:n])
		text = text[n:]
		n = norm.NFC.QuickSpanString(text)
	}
}

// segment returns the bytes of text up to the first place after its first character that nothing is
// composed or moved across.
func segment(text string) int {
	end := 0

	for end < len(text) {
		properties := norm.NFC.PropertiesString(text[end:])
		if end > 0 && properties.BoundaryBefore() {
			break
		}

		end += max(properties.Size(), 1)
	}

	return end
}

// composer has the scratch space for composing one segment after another.
type composer struct {
	marks        []mark
	pair, joined []byte
}

// mark is a character with its canonical combining class.
type mark struct {
	char  rune
	raw   byte // not 0: a byte that is not UTF-8, instead of a character
	class uint8
	inert bool // it takes no part in composition
}

// compose appends the composed form of a segment to out.
func (c *composer) compose(out []byte, text string) []byte {
	c.decompose(text)
	order(c.marks)

	starter, last := -1, uint8(0)
	kept := c.marks[:0]

	for _, m := range c.marks {
		if starter >= 0 && !m.inert && (len(kept) == starter+1 || last < m.class) {
			if char, ok := c.primary(kept[starter], m.char); ok {
				kept[starter].char = char

				continue
			}
		}

		if m.class == 0 {
			starter = len(kept)
		}

		last = m.class
		kept = append(kept, m)
	}

	for _, m := range kept {
		if m.raw != 0 {
			out = append(out, m.raw)
		} else {
			out = utf8.AppendRune(out, m.char)
		}
	}

	return out
}

// decompose fills the marks with the characters of text, decomposed.
func (c *composer) decompose(text string) {
	c.marks = c.marks[:0]

	for text != "" {
		char, width := utf8.DecodeRuneInString(text)
		properties := norm.NFD.PropertiesString(text)

		switch whole := string(properties.Decomposition()); {
		case char == utf8.RuneError && width == 1:
			c.marks = append(c.marks, mark{char: char, raw: text[0], inert: true})
		case isRecentMark(char):
			c.marks = append(c.marks, mark{char: char, inert: true})
		case isSyllable(char):
			c.jamo(char)
		case whole == "":
			c.marks = append(c.marks, mark{char: char, class: properties.CCC()})
		default:
			for i, part := range whole {
				c.marks = append(c.marks, mark{char: part, class: norm.NFD.PropertiesString(whole[i:]).CCC()})
			}
		}

		text = text[width:]
	}
}

// primary returns the character that starter and char compose to, if there is one.
func (c *composer) primary(starter mark, char rune) (rune, bool) {
	if starter.inert {
		return 0, false
	}

	c.pair = utf8.AppendRune(utf8.AppendRune(c.pair[:0], starter.char), char)
	c.joined = norm.NFC.Append(c.joined[:0], c.pair...)
	composed, width := utf8.DecodeRune(c.joined)

	return composed, width == len(c.joined) && !isRecentMark(composed)
}

// order puts marks into the canonical order: stable by class between characters of class 0.
func order(marks []mark) {
	for len(marks) > 0 {
		end := slices.IndexFunc(marks, func(m mark) bool { return m.class == 0 })
		if end < 0 {
			end = len(marks)
		}

		slices.SortStableFunc(marks[:end], func(a, b mark) int { return int(a.class) - int(b.class) })
		marks = marks[min(end+1, len(marks)):]
	}
}

// Hangul syllables are composed by arithmetic (The Unicode Standard, 3.12).
const (
	firstSyllable = 0xac00
	firstLeading  = 0x1100
	firstVowel    = 0x1161
	firstTrailing = 0x11a7 // none of them
	vowels        = 21
	trailings     = 28
	syllables     = 19 * vowels * trailings
)

func isSyllable(char rune) bool {
	return char >= firstSyllable && char < firstSyllable+syllables
}

// jamo adds the letters of a syllable.
func (c *composer) jamo(syllable rune) {
	i := syllable - firstSyllable
	c.marks = append(c.marks,
		mark{char: firstLeading + i/(vowels*trailings)},
		mark{char: firstVowel + i%(vowels*trailings)/trailings})

	if i%trailings != 0 {
		c.marks = append(c.marks, mark{char: firstTrailing + i%trailings})
	}
}

// isRecentMark tells whether a character has a combining class or a decomposition that Unicode has had only
// since version 9: to Hugging Face's normalizer it is like any letter. The test asks it about all characters.
func isRecentMark(char rune) bool {
	const firstRecent = 0x7fd

	if char < firstRecent {
		return false
	}

	for _, r := range [...][2]rune{
		{0x7fd, 0x7fd}, {0x897, 0x89f}, {0x8ca, 0x8d3}, {0x9fe, 0x9fe}, {0xc3c, 0xc3c}, {0xd3b, 0xd3c},
		{0xeba, 0xeba}, {0x1715, 0x1715}, {0x1abf, 0x1add}, {0x1ae0, 0x1aeb}, {0x1df6, 0x1dfa},
		{0xa82c, 0xa82c}, {0x105c9, 0x105c9}, {0x105e4, 0x105e4}, {0x10d24, 0x10d27}, {0x10d69, 0x10d6d},
		{0x10eab, 0x10eac}, {0x10efa, 0x10efb}, {0x10efd, 0x10eff}, {0x10f46, 0x10f50}, {0x10f82, 0x10f85},
		{0x11070, 0x11070}, {0x1133b, 0x1133b}, {0x11383, 0x11383}, {0x11385, 0x11385}, {0x1138e, 0x1138e},
		{0x11391, 0x11391}, {0x113c5, 0x113c5}, {0x113c7, 0x113c8}, {0x113ce, 0x113d0}, {0x1145e, 0x1145e},
		{0x11839, 0x1183a}, {0x11938, 0x11938}, {0x1193d, 0x1193e}, {0x11943, 0x11943}, {0x119e0, 0x119e0},
		{0x11a34, 0x11a34}, {0x11a47, 0x11a47}, {0x11a99, 0x11a99}, {0x11d42, 0x11d42}, {0x11d44, 0x11d45},
		{0x11d97, 0x11d97}, {0x11f41, 0x11f42}, {0x16121, 0x16128}, {0x1612f, 0x1612f}, {0x16d68, 0x16d6a},
		{0x16ff0, 0x16ff1}, {0x1e08f, 0x1e08f}, {0x1e130, 0x1e136}, {0x1e2ae, 0x1e2ae}, {0x1e2ec, 0x1e2ef},
		{0x1e4ec, 0x1e4ef}, {0x1e5ee, 0x1e5ef}, {0x1e6e3, 0x1e6e3}, {0x1e6e6, 0x1e6e6}, {0x1e6ee, 0x1e6ef},
		{0x1e6f5, 0x1e6f5},
	} {
		if char >= r[0] && char <= r[1] {
			return true
		}
	}

	return false
}
