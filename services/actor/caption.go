package actor

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// caption is a text on the screen in every way in which a person may read it.
// What a reader (OCR) mistakes, and what a page writes to deceive, is brought to
// the form that the phrases are brought to as well, see skeleton.
type caption struct {
	// readings are the text's words, split in several ways.
	readings [][]string
	// whole is the text without any separator.
	whole string
}

// read takes a text apart.
func read(text string) caption {
	text = fold(text)
	return caption{
		readings: [][]string{
			skeletons(strings.FieldsFunc(text, separates)), // Save|Delete
			skeletons(signsAsLetters(text)),                // De|ete
			skeletons(camelWords(text)),                    // DeleteAccount
			skeletons(strings.FieldsFunc(strings.NewReplacer("cl", "d", "Cl", "D").Replace(text), separates)), // clelete
		},
		whole: skeleton(strings.Join(strings.FieldsFunc(text, separates), "")),
	}
}

// fold takes away what does not change how a text reads: accents, widths,
// ligatures, and characters that cannot be seen. Upper and lower case stay.
func fold(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		if !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Cf, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// separates reports whether a character stands between words.
func separates(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// signsAsLetters splits a text into words and takes signs that look like letters
// for letters where a letter follows.
func signsAsLetters(text string) []string {
	runes := []rune(text)
	for i, r := range runes {
		inside := i+1 < len(runes) && unicode.IsLetter(runes[i+1])
		if letter := lookalike(r); inside && separates(r) && !separates(letter) {
			runes[i] = letter
		}
	}
	return strings.FieldsFunc(string(runes), separates)
}

// camelWords splits a text also where a capital follows a small letter.
func camelWords(text string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteRune(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return strings.FieldsFunc(b.String(), separates)
}

func skeletons(words []string) []string {
	for i, w := range words {
		words[i] = skeleton(w)
	}
	return words
}

// skeleton is a word in a form in which words that look alike are equal, after
// the idea of Unicode's confusables (UTS #39): in it De1ete, Dclete, Delеte with
// a Cyrillic е, and Delete are the same. Numbers stay as they are.
func skeleton(word string) string {
	word = strings.ToLower(word)
	if !strings.ContainsFunc(word, unicode.IsLetter) {
		return word
	}
	word = strings.NewReplacer("rn", "m", "vv", "w", "ß", "ss", "æ", "ae", "œ", "oe").Replace(word)
	return strings.Map(lookalike, word)
}

// lookalike is the letter for which a character may be taken. Letters that
// readers confuse, such as i and l, have one letter together.
func lookalike(r rune) rune {
	switch r {
	case '0', 'о', 'ο', 'ø':
		return 'o'
	case '1', 'i', '|', '!', '¡', 'і', 'ι', 'ı', 'ł', 'ӏ':
		return 'l'
	case '2':
		return 'z'
	case '3', 'e', 'е', 'ε', 'с', '€':
		return 'c'
	case '4', '@', 'а', 'α':
		return 'a'
	case '5', '$', 'ѕ':
		return 's'
	case '7', 'т', 'τ', '+':
		return 't'
	case '8', 'в', 'β':
		return 'b'
	case '9':
		return 'g'
	case 'đ':
		return 'd'
	case 'н':
		return 'h'
	case 'ј':
		return 'j'
	case 'к', 'κ':
		return 'k'
	case 'м':
		return 'm'
	case 'η':
		return 'n'
	case 'р', 'ρ':
		return 'p'
	case 'υ':
		return 'u'
	case 'ν':
		return 'v'
	case 'х', 'χ':
		return 'x'
	case 'у':
		return 'y'
	default:
		return r
	}
}

// len is how many words the text has.
func (c caption) len() int { return len(c.readings[0]) }
