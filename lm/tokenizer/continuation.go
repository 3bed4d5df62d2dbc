package tokenizer

// AppendContinuation appends the ids of EncodeContinuation to others. It keeps its scratch space, so that a
// completion which is encoded again with each of its tokens costs no new memory each time.
func (t *Tokenizer) AppendContinuation(ids []int32, text []byte) []int32 {
	e, ok := t.encoders.Get().(*encoder)
	if !ok {
		e = &encoder{tokenizer: t}
	}

	e.ids, e.begun, e.continues = ids, true, true
	e.pending = append(e.pending[:0], text...)
	ids = e.finish()
	e.ids = nil
	t.encoders.Put(e)

	return ids
}

// Settled returns the length of a beginning of text whose ids no later text can change: with n of them,
// EncodeContinuation(text+c) is, for every c, EncodeContinuation(text[:n]) and then
// EncodeContinuation(text[n:]+c).
//
// All byte-level pre-tokenizers here begin a word at a single space between two letters, and decide so
// without looking any farther. SentencePiece's merges have no such border; there it is 0.
func (t *Tokenizer) Settled(text []byte) int {
	if t.form.spaces {
		return 0
	}

	for i := len(text) - 1; i >= 2; i-- {
		if text[i-1] == ' ' && isASCIILetter(text[i]) && isASCIILetter(text[i-2]) {
			return i - 1
		}
	}

	return 0
}

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
