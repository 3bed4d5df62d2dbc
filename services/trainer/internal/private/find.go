package private

import (
	"cmp"
	"slices"
)

// Kind is what a private value is. It names the placeholder.
type Kind string

// The kinds.
const (
	Email    Kind = "email"    // an e-mail address
	Phone    Kind = "phone"    // a phone number
	IBAN     Kind = "iban"     // an account number whose check digits fit (ISO 13616)
	Card     Kind = "card"     // a payment card's number whose check digit fits (ISO/IEC 7812)
	Key      Kind = "key"      // a token as programs issue them
	Password Kind = "password" // what a task calls a password, or what was typed into a field for one
)

// Span is a private value in a text, from byte From to before byte To.
type Span struct {
	Kind     Kind
	From, To int
}

// Find returns the private values of a text in their order, none over another. What
// makes a password one stands in a task only: see Passwords.
func Find(text string) []Span {
	var all []Span
	for _, find := range []func(string) []Span{ibans, cards, keys, emails, phones} { // the surer one first
		all = append(all, find(text)...)
	}
	return apart(all)
}

// apart sorts spans and leaves out those that overlap one that was found before them.
func apart(all []Span) []Span {
	var kept []Span
	for _, s := range all {
		if !slices.ContainsFunc(kept, func(k Span) bool { return s.From < k.To && k.From < s.To }) {
			kept = append(kept, s)
		}
	}
	slices.SortFunc(kept, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	return kept
}
