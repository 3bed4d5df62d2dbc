package tokenizer_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grokputer/grokputer/lm/tokenizer"
)

// Every pre-tokenizer splits the generated texts as Hugging Face's does. Ids alone would not show it: most
// wrong words merge to the same tokens.
func TestSplits(t *testing.T) {
	t.Parallel()

	const block = 8

	for _, name := range tokenizer.Splits() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			stored, err := os.ReadFile(filepath.Join("testdata", "splits_"+name+".bin"))
			if err != nil {
				t.Fatal(err)
			}

			if len(stored) != textCount/block*4 {
				t.Fatalf("%d bytes stored", len(stored))
			}

			generated := readTables(t)
			generated.pieces, generated.control = generated.Words, generated.Fragments
			wrong := 0

			for i := 0; i < textCount; i += block {
				var lengths, shown []byte

				for j := range block {
					words := tokenizer.Split(name, generated.text(i+j))
					for _, word := range words {
						lengths = binary.LittleEndian.AppendUint32(lengths, uint32(len(word)))
					}

					shown = fmt.Appendf(shown, "\n%q", words)
				}

				if crc32.ChecksumIEEE(lengths) != binary.LittleEndian.Uint32(stored[i/block*4:]) && wrong < 5 {
					t.Errorf("texts %d to %d are split otherwise than by Hugging Face's: %s", i, i+block-1, shown)

					wrong++
				}
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()

	for _, test := range []struct{ name, text, want string }{
		{"gpt-2", "a 12.5", "a| 12|.|5"},
		{"gpt-2", "a  1", "a| | 1"},
		{"gpt-2", "it'S \u00a0 x", "it|'|S| \u00a0| x"},
		{"gpt-2", "\U00011de0a", "\U00011de0|a"}, // a number only since Unicode 17
		{"smollm", "!\U00011de0a", "!|\U00011de0|a"},
		{"llama-bpe", "it'S we'LLx 'ſx", "it|'S| we|'LL|x| '|ſx"},
		{"llama-bpe", "a'ſx", "a|'ſ|x"},
		{"llama-bpe", "(abc)!x", "(abc|)!|x"},
		{"llama-bpe", "\tabc\u00a0d", "\tabc|\u00a0d"},
		{"llama-bpe", "1234567 89", "123|456|7| |89"},
		{"llama-bpe", "a\n\n  \n b", "a|\n\n  \n| b"},
		{"llama-bpe", "a \r\n\t x", "a| \r\n|\t| x"},
		{"llama-bpe", "}\n\n!\r\r b", "}\n\n|!\r\r| b"},
		{"llama-bpe", "\nabc", "\n|abc"},
		{"llama-bpe", "  ", "  "},
		{"llama-bpe", "   1", "  | |1"},
		{"llama-bpe", "a\xff\xfeb", "a|\xff\xfe|b"},
		{"llama-bpe", "\xffb", "\xffb"},
		{"llama-bpe", "!\U00011de0", "!\U00011de0"},
		{"qwen2", "1234 5½٣", "1|2|3|4| |5|½|٣"},
		{"qwen2", "e\u0301a", "e|\u0301a"},
	} {
		if got := strings.Join(tokenizer.Split(test.name, test.text), "|"); got != test.want {
			t.Errorf("%s of %q = %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

// The normalizer gives what Hugging Face's gives for every character in several surroundings.
func TestNFC(t *testing.T) {
	t.Parallel()

	stored, err := os.ReadFile(filepath.Join("testdata", "normalized.bin"))
	if err != nil {
		t.Fatal(err)
	}

	for block := range rune(0x1100) {
		var text strings.Builder

		for c := block << 8; c < (block+1)<<8; c++ {
			if c < 0xd800 || c >= 0xe000 {
				fmt.Fprintf(&text, "%[1]c|a%[1]c\u0334|a\u0345%[1]c|e%[1]c\u0301|%[1]c\u0301|\u1100%[1]c|%[1]c\u11a8|\u09c7%[1]c\U00011930|", c)
			}
		}

		if got := crc32.ChecksumIEEE([]byte(tokenizer.NFC(text.String()))); got != binary.LittleEndian.Uint32(stored[4*block:]) {
			t.Errorf("U+%04X to U+%04X: not Hugging Face's form", block<<8, block<<8|0xff)
		}
	}
}

func TestNFCOfBrokenText(t *testing.T) {
	t.Parallel()

	marks := strings.Repeat("\u0301\u0316", 40)

	for text, want := range map[string]string{
		"":                        "",
		"e\u0301":                 "é",
		"\xffe\u0301\xcc":         "\xffé\xcc",
		"e\xff\u0301":             "e\xff\u0301",
		"e\u0301\ufffd\xff\u0301": "é\ufffd\xff\u0301",
		"\u1100\u1161\u11a8":      "각",
		"a" + marks:               "á" + strings.Repeat("\u0316", 40) + strings.Repeat("\u0301", 39), // no joiner after 30
		"e\u0898\u0301":           "e\u0898\u0301",                                                   // a mark since Unicode 14
	} {
		if got := tokenizer.NFC(text); got != want {
			t.Errorf("NFC(%q) = %q, want %q", text, got, want)
		}
	}
}
