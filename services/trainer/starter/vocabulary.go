package starter

import "math/rand/v2"

// Vocabulary makes the text that screens and requests are full of, for generators
// of other packages.
type Vocabulary struct{ words words }

// NewVocabulary draws from rng.
func NewVocabulary(rng *rand.Rand) Vocabulary { return Vocabulary{newWords(rng)} }

// Word is a common word or a made-up one.
func (v Vocabulary) Word() string { return v.words.word() }

// Phrase is least to most words in lower case.
func (v Vocabulary) Phrase(least, most int) string { return v.words.phrase(least, most) }

// Text is what a person might want typed: words, numbers, marks and capitals.
func (v Vocabulary) Text() string { return v.words.text() }

// Caption is what a button, link or menu says.
func (v Vocabulary) Caption() string { return v.words.caption() }

// Name is a person's login or a file's stem.
func (v Vocabulary) Name() string { return v.words.name() }

// Secret is a short mix of letters and digits.
func (v Vocabulary) Secret() string { return v.words.secret() }

// Title makes the first letter of a text a capital.
func (v Vocabulary) Title(s string) string { return title(s) }
