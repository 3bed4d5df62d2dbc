package private_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/services/trainer/internal/private"
)

// found are the values that are found in a text, as kind:value.
func found(text string) []string {
	var all []string
	for _, s := range private.Find(text) {
		all = append(all, fmt.Sprintf("%s:%s", s.Kind, text[s.From:s.To]))
	}
	return all
}

// token is made of parts, so that no tool takes it for a real one.
func token(parts ...string) string { return strings.Join(parts, "") }

func TestFind(t *testing.T) {
	t.Parallel()
	github := token("ghp", "_", "16C7e42F292c6912E7710c838347Ae178B4a")
	drawn := token("q7Xb2", "LmZ0c", "R9tVw", "4yKd8", "Hn3P")
	for text, want := range map[string][]string{
		"write to anna.b+x@mail.example.org, please":  {"email:anna.b+x@mail.example.org"},
		"<anna@example.org>;_b@example.com":           {"email:anna@example.org", "email:_b@example.com"},
		"an müller@bücher.example schreiben":          {"email:müller@bücher.example"},
		"call +49 170 1234567 or (030) 123456-78":     {"phone:+49 170 1234567", "phone:(030) 123456-78"},
		"room 12 0170 1234567":                        {"phone:0170 1234567"},
		"(555) 123-4567":                              nil, // 123 is no exchange: made up, and told apart
		"(555) 234-5678, 1-555-234-5678":              {"phone:(555) 234-5678", "phone:1-555-234-5678"},
		"01 23 45 67 89 or 0033 1 23 45 67 89":        {"phone:01 23 45 67 89", "phone:0033 1 23 45 67 89"},
		"(+4917012345678)":                            {"phone:+4917012345678"},
		"Tel.: 030/12345678.":                         {"phone:030/12345678"},
		"IBAN DE89 3704 0044 0532 0130 00 by then":    {"iban:DE89 3704 0044 0532 0130 00"},
		"gb29nwbk60161331926819":                      {"iban:gb29nwbk60161331926819"},
		"DE88 3704 0044 0532 0130 00":                 nil, // its check digits do not fit
		"card 4111 1111 1111 1111 or 378282246310005": {"card:4111 1111 1111 1111", "card:378282246310005"},
		"card 4111-1111-1111-1112":                    nil, // nor does this one's
		"order 9111111111111111":                      nil, // of no issuer
		"use " + github + "!":                         {"key:" + github},
		"key=" + drawn:                                {"key:" + drawn},
		token("AKIA", "IOSFODNN7EXAMPLE"):             {"key:" + token("AKIA", "IOSFODNN7EXAMPLE")},
		token("9e107d9d372bb682", "6bd81d3542a419d6"): {"key:" + token("9e107d9d372bb682", "6bd81d3542a419d6")},
	} {
		if got := found(text); !slices.Equal(got, want) {
			t.Errorf("%q has %q, want %q", text, got, want)
		}
	}
}

// Numbers and names that are nobody's.
func TestFindNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"2026-11-30 19:41", "30.11.2026", "01.02.2026", "08:30-17:00", "09:00 - 12:00, 13:00 - 18:00", "0800-1200", "11/30/2026 10:15",
		"192.168.178.1", "127.0.0.1:8420", "version 1.25.3-rc1", "1,234,567.89 EUR", "3.141592653589793", "0123 + 4567 - 89",
		"1234567890", "100 200 300 400", "page 12 of 345", "0 1 2 3 4 5 6 7 8 9", "ISBN 978-3-16-148410-0", "session_20251108_143052",
		"TestBase64EncodeUtf8StringsInPlace", "adapter_model.safetensors", "getElementsByClassName2", "/usr/share/doc/x86_64-linux-gnu",
		"user@host", "@anna", "a@b", "npm install @types/node@18", "git@example", "1600x1200", "4 8 15 16 23 42", "12 monkeys 1995",
		"550e8400-e29b-41d4-a716-446655440000", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "00:00:00 / 01:23:45",
		"<email-1> <phone-2> <iban-1> <card-3> <key-1> <password-1>", "DE12", "", "Nr. 0001 0002 0003", "0.00 0.00 0.00",
		"0123456789", "08 09 10 11 12",
	} {
		if got := found(text); len(got) > 0 {
			t.Errorf("%q is taken for %q", text, got)
		}
	}
}
