package private

import (
	"regexp"
	"strings"
)

// ibanLengths are the lengths of account numbers by country (the SWIFT registry);
// a country that is not named has none.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
	"CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
	"FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
	"IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
	"LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
	"PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24,
	"SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}

var ibanStart = regexp.MustCompile(`[A-Za-z]{2}[0-9]{2}[ A-Za-z0-9]`)

func ibans(text string) []Span {
	var spans []Span
	for from := 0; from < len(text); {
		at := ibanStart.FindStringIndex(text[from:])
		if at == nil {
			break
		}
		start := from + at[0]
		from = start + 1
		if to, ok := ibanEnd(text, start); ok {
			spans = append(spans, Span{IBAN, start, to})
			from = to
		}
	}
	return spans
}

// ibanEnd reads an account number that begins at start; single spaces may divide it.
func ibanEnd(text string, start int) (to int, ok bool) {
	want := ibanLengths[strings.ToUpper(text[start:start+2])]
	var plain strings.Builder
	for to = start; to < len(text) && plain.Len() < want; to++ {
		c := text[to]
		switch {
		case isDigit(c), isUpper(c), isLower(c):
			plain.WriteByte(c)
		case c == ' ' && to > start && text[to-1] != ' ':
		default:
			return 0, false
		}
	}
	return to, want > 0 && plain.Len() == want && alone(text, start, to) && remainder97(strings.ToUpper(plain.String())) == 1
}

// remainder97 is an account number modulo 97, its first four characters put last and
// its letters read as the numbers 10 to 35 (ISO 7064, MOD 97-10).
func remainder97(plain string) int {
	rest := 0
	for _, c := range []byte(plain[4:] + plain[:4]) {
		if isDigit(c) {
			rest = (10*rest + int(c-'0')) % 97
		} else {
			rest = (100*rest + int(c-'A') + 10) % 97
		}
	}
	return rest
}
