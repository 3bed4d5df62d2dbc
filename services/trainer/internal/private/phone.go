package private

import (
	"regexp"
	"strconv"
	"strings"
)

// phoneLike is a run of digits with what people put between them.
var phoneLike = regexp.MustCompile(`(?:\+|\()?[0-9](?:[ ()/.-]{0,2}[0-9]){7,16}`)

var (
	// northAmerican is 3-3-4 digits, neither of the first two groups from 0 or 1 up
	// (NANP), with something between them: a run of ten digits is some number.
	northAmerican = regexp.MustCompile(`^(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]{1,2}[2-9]\d{2}[ .-]\d{4}$`)
	// national begins with 0 and an area, which is divided from the rest.
	national = regexp.MustCompile(`^\(?0[1-9]\d{1,4}\)?[ /-]{1,2}\d{2,}(?:[ -]\d{2,})*$`)
	// unbroken is the same without a division.
	unbroken = regexp.MustCompile(`^0[1-9]\d{8,10}$`)
	// inPairs is the French way.
	inPairs = regexp.MustCompile(`^0[1-9](?:[ .-]\d{2}){4}$`)
	// international begins with + or 00 and a country.
	international = regexp.MustCompile(`^(?:\+|00)[1-9][0-9 ()/.-]*$`)
)

func phones(text string) []Span {
	var spans []Span
	for _, at := range phoneLike.FindAllStringIndex(text, -1) {
		for from := at[0]; from < at[1]; {
			to, ok := phoneFrom(text, from, at[1])
			if ok {
				spans = append(spans, Span{Phone, from, to})
				from = to
			}
			from = nextGroup(text, from, at[1])
		}
	}
	return spans
}

// phoneFrom returns the end of the longest number that begins at from: other numbers
// may stand around it.
func phoneFrom(text string, from, most int) (to int, ok bool) {
	for to = most; to > from; to-- {
		if isDigit(text[to-1]) && alone(text, from, to) && !decimal(text, from, to) && isPhone(text[from:to]) {
			return to, true
		}
	}
	return 0, false
}

// nextGroup is where the next group of digits, or its bracket, begins.
func nextGroup(text string, from, most int) int {
	for from++; from < most; from++ {
		if c, before := text[from], text[from-1]; c == '(' || isDigit(c) && !isDigit(before) && before != '(' && before != '+' {
			return from
		}
	}
	return most
}

func isPhone(said string) bool {
	n := len(digits(said))
	switch {
	case counts(said):
		return false
	case international.MatchString(said):
		if strings.HasPrefix(said, "+") {
			return n >= 8 && n <= 15
		}
		return n >= 11 && n <= 17 && strings.ContainsAny(said, " /-(")
	case northAmerican.MatchString(said), unbroken.MatchString(said), inPairs.MatchString(said):
		return true
	default:
		return n >= 9 && n <= 13 && national.MatchString(said)
	}
}

// counts reports whether somebody counts there: 0123456789, or 08 09 10 11 12.
func counts(said string) bool {
	groups := strings.FieldsFunc(said, func(r rune) bool { return r < '0' || r > '9' })
	if len(groups) == 1 {
		groups = strings.Split(groups[0], "")
	}
	for i := 1; i < len(groups); i++ {
		before, errBefore := strconv.Atoi(groups[i-1])
		n, err := strconv.Atoi(groups[i])
		if errBefore != nil || err != nil || n != before+1 {
			return false
		}
	}
	return true
}
