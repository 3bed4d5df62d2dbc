package private

import "regexp"

// email is the usual form of an address (a part of RFC 5321): a name, and a domain
// that ends in letters.
var email = regexp.MustCompile(`[\p{L}\p{N}_][\p{L}\p{N}._%+-]*@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,24}`)

func emails(text string) []Span {
	var spans []Span
	for _, at := range email.FindAllStringIndex(text, -1) {
		spans = append(spans, Span{Email, at[0], at[1]})
	}
	return spans
}
