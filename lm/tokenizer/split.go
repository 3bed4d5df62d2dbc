package tokenizer

import "unicode/utf8"

// splitter is a pre-tokenizer: it returns the length in bytes of the first word of a text that is not
// empty. Merges never cross a word's end.
type splitter func(text string) int

// family is what GGUF's name of a byte-level pre-tokenizer stands for.
type family struct {
	form   form
	whole  bool // a word that is a token is taken as it is
	addBOS bool // unless the file says otherwise
}

// The classes of transformers for tokenizers with such a form, as tokenizer_config.json names them in the folders of
// GPT-2 and SmolLM2, of Llama 3 to 3.3, of Qwen2 to 3, and of Llama 2 and Mistral 7B.
const (
	transformersGPT2          = "GPT2Tokenizer"
	transformersLlama3        = "PreTrainedTokenizerFast"
	transformersQwen          = "Qwen2Tokenizer"
	transformersSentencePiece = "LlamaTokenizer"
)

// families are the pre-tokenizers by their names in GGUF (convert_hf_to_gguf.py and llama-vocab.cpp of
// llama.cpp). An unknown one is refused: with a wrong one most ids would still be right, and the model
// quietly worse. Qwen's normalizer, which llama.cpp leaves out, is Hugging Face's.
var families = map[string]family{
	"gpt-2":     {form: form{split: splitGPT2, transformers: transformersGPT2}},
	"smollm":    {form: form{split: splitSmolLM, transformers: transformersGPT2}},
	"llama3":    {form: form{split: splitLlama3, transformers: transformersLlama3}, whole: true, addBOS: true},
	"llama-v3":  {form: form{split: splitLlama3, transformers: transformersLlama3}, whole: true, addBOS: true},
	"llama-bpe": {form: form{split: splitLlama3, transformers: transformersLlama3}, whole: true, addBOS: true},
	"qwen2":     {form: form{split: splitQwen, nfc: true, transformers: transformersQwen}},
}

// run returns the bytes of the characters of that class with which text begins.
func run(text string, of, newest class) int {
	end := 0

	for end < len(text) {
		c, width := classOf(text[end:], newest)
		if c != of {
			break
		}

		end += width
	}

	return end
}

// allButLast returns the length of the white space that text begins with, end bytes, without its last
// character, which may belong to the next word: \s+(?!\S)|\s+. At the end of the text it is all of it, as
// is a single character.
func allButLast(text string, end int) int {
	if end == len(text) {
		return end
	}

	_, last := utf8.DecodeLastRuneInString(text[:end])
	if last < end {
		return end - last
	}

	return end
}
