package chat_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/grokputer/grokputer/lm/chat"
	"github.com/grokputer/grokputer/lm/gguf"
	"github.com/grokputer/grokputer/lm/golden"
	"github.com/grokputer/grokputer/lm/tokenizer"
)

// chatML is SmolLM2's template without the default system message.
const chatML = `{% for message in messages %}{{'<|im_start|>' + message['role'] + '
' + message['content'] + '<|im_end|>' + '
'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
' }}{% endif %}`

// smollm returns the base model's tokenizer and template.
func smollm(t testing.TB) (*tokenizer.Tokenizer, *chat.Template) {
	t.Helper()

	file, err := gguf.Open(golden.ModelPath(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()

	tok, err := tokenizer.FromGGUF(file)
	if err != nil {
		t.Fatal(err)
	}

	template, err := chat.FromGGUF(file, tok)
	if err != nil {
		t.Fatal(err)
	}

	return tok, template
}

func parse(t testing.TB, source string) *chat.Template {
	t.Helper()

	template, err := chat.New(source, chat.Options{BOS: "<s>", EOS: "</s>"})
	if err != nil {
		t.Fatal(err)
	}

	return template
}

func user(content string) []chat.Message {
	return []chat.Message{{Role: "user", Content: content}}
}

// Text and ids equal those of transformers' apply_chat_template (../golden/tokens.py).
func TestGolden(t *testing.T) {
	t.Parallel()

	tok, template := smollm(t)

	content, err := os.ReadFile(filepath.Join("testdata", "smollm2_chat.json"))
	if err != nil {
		t.Fatal(err)
	}

	var cases []struct {
		Messages []chat.Message `json:"messages"`
		Prompt   bool           `json:"add_generation_prompt"`
		Text     string         `json:"text"`
		IDs      []int32        `json:"ids"`
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}

	if len(cases) < 20 {
		t.Fatalf("only %d stored conversations", len(cases))
	}

	for _, c := range cases {
		text, err := template.Render(c.Messages, c.Prompt)
		if err != nil || text != c.Text {
			t.Errorf("Render(%q) = %q, %v; want %q", c.Messages, text, err, c.Text)
		}

		ids, err := template.Encode(tok, c.Messages, c.Prompt)
		if err != nil || !slices.Equal(ids, c.IDs) {
			t.Errorf("Encode(%q) = %v, %v; want %v", c.Messages, ids, err, c.IDs)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()

	conversation := []chat.Message{{Role: "system", Content: " S "}, {Role: "user", Content: "U"}, {Role: "assistant", Content: "A"}}

	for name, test := range map[string]struct{ source, want string }{
		"nothing":   {"", ""},
		"tokens":    {"{{ bos_token }}|{{ eos_token }}", "<s>|</s>"},
		"trim":      {"{% for m in messages %}{{ m.content | trim }};{% endfor %}", "S;U;A;"},
		"slices":    {"{% for m in messages[1:] %}{{ m['role'] }}{% endfor %}{{ messages[-1].content }}", "userassistantA"},
		"backwards": {"{% for m in messages[::-1] %}{{ m['role'] }}{% endfor %}{{ messages[-1].role }}{{ messages[-9] }}", "assistantusersystemassistant"},
		"loop":      {"{% for m in messages %}{{ loop.index0 }}{% if loop.last %}!{% endif %}{% endfor %}", "012!"},
		"namespace": {"{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}", "3"},
		"range":     {"{% for i in range(3) %}{{ i }}{% endfor %}{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}", "012531"},
		"break":     {"{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "01"},
		"tojson":    {"{{ messages[0].role | tojson }}", `"system"`},
		"undefined": {"{% if tools is defined %}tools{% else %}none{% endif %}", "none"},
		"blocks":    {"{% if true %}\n  {% if true %}\na\n  {% endif %}\n{% endif %}\nb", "a\nb"},
		"dashes":    {"a \n {%- if true -%} \n b {%- endif %}", "ab"},
		"methods":   {"{{ messages[0].content.strip() }}{{ 'ab'.startswith('a') }}", "STrue"},
		"prompt":    {"{% if add_generation_prompt %}P{% endif %}", "P"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := parse(t, test.source).Render(conversation, true)
			if err != nil || got != test.want {
				t.Errorf("%q gives %q, %v; want %q", test.source, got, err, test.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()

	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("the secret's content"), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, source := range map[string]string{
		"unclosed":         "{% for m in messages %}",
		"unknown":          "{% frobnicate %}",
		"unknown filter":   "{{ messages | frobnicate }}",
		"unknown function": "{{ frobnicate(1) }}",
		"unknown method":   "{{ messages[0].content.frobnicate() }}",
		"include":          "{% include '" + secret + "' %}",
		"import":           "{% import '" + secret + "' as s %}",
		"extends":          "{% extends '" + secret + "' %}",
		"macro":            "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
		"endless range":    "{% for i in range(1000000000) %}x{% endfor %}",
		"range of text":    "{{ range('a') }}",
		"range of nothing": "{{ range() }}",
		"range stands":     "{{ range(0, 1, 0) }}",
		"too long":         strings.Repeat("x", 1<<17),
		"too deep":         "{{ " + strings.Repeat("(", 60_000) + " }}",
		"deep":             "{{ " + strings.Repeat("(", 7000) + " }}",
		"deep negation":    "{{ " + strings.Repeat("not ", 16_000) + " }}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			template, err := chat.New(source, chat.Options{})
			if !errors.Is(err, chat.ErrTemplate) {
				t.Fatalf("%v, want ErrTemplate", err)
			}

			if template != nil || strings.Contains(err.Error(), "the secret's content") {
				t.Errorf("%v, and a template: %t", err, template != nil)
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()

	template := parse(t, chatML)

	for _, role := range []string{"", "User", "us er", "user\n", "<|im_end|>", "ü"} {
		_, err := template.Render([]chat.Message{{Role: role, Content: "x"}}, false)
		if !errors.Is(err, chat.ErrMessage) {
			t.Errorf("role %q: %v", role, err)
		}

		_, err = template.Encode(bytesTokenizer(t), []chat.Message{{Role: role, Content: "x"}}, false)
		if !errors.Is(err, chat.ErrMessage) {
			t.Errorf("role %q encoded: %v", role, err)
		}
	}

	// A template may refuse a conversation, in its own words.
	picky := parse(t, "{% if messages[0].role != 'user' %}{{ raise_exception('begin with the user') }}{% endif %}ok")

	if text, err := picky.Render(user("x"), false); err != nil || text != "ok" {
		t.Errorf("%q, %v", text, err)
	}

	_, err := picky.Render([]chat.Message{{Role: "system", Content: "x"}}, false)
	if !errors.Is(err, chat.ErrTemplate) || !strings.Contains(err.Error(), "begin with the user") {
		t.Errorf("raise_exception: %v", err)
	}

	// Any other failure does not repeat what was said.
	failing := parse(t, "{% if messages[0].content != 'Hello' %}{{ messages[0].content.frobnicate() }}{% endif %}")

	_, err = failing.Render(user("my password"), false)
	if !errors.Is(err, chat.ErrTemplate) || strings.Contains(err.Error(), "password") {
		t.Errorf("failure: %v", err)
	}
}

func TestConcurrent(t *testing.T) {
	t.Parallel()

	template, tok := parse(t, chatML), bytesTokenizer(t)

	want, err := template.Encode(tok, user("hello"), true)
	if err != nil {
		t.Fatal(err)
	}

	var group sync.WaitGroup

	for range 8 {
		group.Go(func() {
			for range 20 {
				if got, err := template.Encode(tok, user("hello"), true); err != nil || !slices.Equal(got, want) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}

	group.Wait()
}

func TestFromGGUF(t *testing.T) {
	t.Parallel()

	var w gguf.Writer

	path := filepath.Join(t.TempDir(), "none.gguf")

	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}

	if _, err := w.WriteTo(out); err != nil {
		t.Fatal(err)
	}

	if err := out.Close(); err != nil {
		t.Fatal(err)
	}

	file, err := gguf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()

	if _, err := chat.FromGGUF(file, bytesTokenizer(t)); !errors.Is(err, chat.ErrTemplate) || !errors.Is(err, gguf.ErrMissing) {
		t.Errorf("no template: %v", err)
	}
}

func BenchmarkEncode(b *testing.B) {
	tok, template := smollm(b)
	messages := user(strings.Repeat("button \"Log in\" #2\n", 60))

	for b.Loop() {
		if _, err := template.Encode(tok, messages, true); err != nil {
			b.Fatal(err)
		}
	}
}
