package private

import (
	"regexp"
	"strings"
)

var cardLike = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,18}`)

// issuers are the first digits of payment cards' numbers, with the lengths that these have.
var issuers = regexp.MustCompile(`^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d{2}|7[01]\d|720)\d{12}` +
	`|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d{2})\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$`)

func cards(text string) []Span {
	var spans []Span
	for _, at := range cardLike.FindAllStringIndex(text, -1) {
		number := digits(text[at[0]:at[1]])
		if alone(text, at[0], at[1]) && !decimal(text, at[0], at[1]) && issuers.MatchString(number) && luhn(number) {
			spans = append(spans, Span{Card, at[0], at[1]})
		}
	}
	return spans
}

// decimal reports whether a number goes on before or after the span, with a point or a comma.
func decimal(text string, from, to int) bool {
	before, after := text[:from], text[to:]
	return len(before) > 1 && strings.ContainsRune(".,", rune(before[from-1])) && isDigit(before[from-2]) ||
		len(after) > 1 && strings.ContainsRune(".,", rune(after[0])) && isDigit(after[1])
}

// luhn reports whether the last digit is the check digit of the others (Luhn 1954,
// ISO/IEC 7812-1).
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
