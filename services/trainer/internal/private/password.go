package private

import (
	"regexp"
	"strings"

	"github.com/grokputer/grokputer/contracts/screen"
	"github.com/grokputer/grokputer/kit/secrets"
)

// passwordWord is what people call a password. PIN is one in capitals only: to pin
// something is no secret.
const passwordWord = `(?:(?i:pass[ -]?word|passwort|kennwort|passphrase|passcode|pass[ -]?code|pwd|mot de passe|contraseña|pin[ -]?code)|PIN)` //nolint:gosec // words, no credential

// quoted is a text in quotes of any sort.
const quoted = `(?:"((?:[^"\\]|\\.)+)"|'([^'\s]+)'|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»)`

var (
	aPassword = regexp.MustCompile(passwordWord)
	// named is: password "x", the password is "x", "Password" with "x".
	named = regexp.MustCompile(passwordWord + `["'”“]?(?:\s*[:=]\s*|\s+(?:(?i:is|as|to|with|of|ist|lautet|mit)\s+)?)` + quoted)
	// entered is: "x" as the password, "x" into the field "Password".
	entered = regexp.MustCompile(quoted + `\s+(?i:as|into|in|for|to|als|ins|in das)\s+(?:(?i:the|my|your|a|das|mein)\s+)?(?:(?i:field)\s+)?["'“]?` + passwordWord)
	// bare is: password: x.
	bare = regexp.MustCompile(passwordWord + `\s*[:=]\s*([^\s"'“„«]+)`)
)

// Passwords returns what a task calls a password, of two characters or more. The name of
// a stored secret is none.
func Passwords(task string) []string {
	var found []string
	for _, form := range []*regexp.Regexp{named, entered, bare} {
		for _, match := range form.FindAllStringSubmatch(task, -1) {
			for _, value := range match[1:] {
				if form == bare {
					value = strings.TrimRight(value, ".,;!?)")
				}
				if len(value) > 1 && len(secrets.In(value)) == 0 {
					found = append(found, value)
				}
			}
		}
	}
	return found
}

// forPassword reports whether the focus is in a field for a password.
func forPassword(s screen.Screen) bool {
	for i, e := range s.Elements {
		if !e.Focused || e.Kind != screen.Field {
			continue
		}
		label := e.Caption
		if label == "" && i > 0 && s.Elements[i-1].Kind == screen.Text {
			label = s.Elements[i-1].Text
		}
		return aPassword.MatchString(label)
	}
	return false
}
