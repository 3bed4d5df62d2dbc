package tokenizer

// controlTokens finds the names of control tokens in text, at each place the longest.
type controlTokens struct {
	ids     map[string]int32
	has     map[int32]bool
	first   [256]bool // whether a name begins with the byte
	longest int       // bytes
}

func newControlTokens(ids map[string]int32) controlTokens {
	c := controlTokens{ids: ids, has: make(map[int32]bool, len(ids))}

	for name, id := range ids {
		c.has[id] = true
		c.first[name[0]] = true
		c.longest = max(c.longest, len(name))
	}

	return c
}

// cut returns the text before the first control token, that token's id and the text after it; the id is
// none if there is no control token.
func (c *controlTokens) cut(text string) (before string, id int32, after string) {
	for i := range len(text) {
		if !c.first[text[i]] {
			continue
		}

		for end := min(i+c.longest, len(text)); end > i; end-- {
			if id, ok := c.ids[text[i:end]]; ok {
				return text[:i], id, text[end:]
			}
		}
	}

	return text, none, ""
}
