package tokenizer

// controlTokens finds the names of control tokens in text, at each place the longest.
type controlTokens struct {
	ids  map[string]int32
	has  map[int32]bool
	next map[edge]int32 // the tree of all names, its root node 0
	ends []int32        // the token whose name ends at a node, or none
	// first tells whether a name begins with the byte: most places of a text are passed by it.
	first [256]bool
}

// edge leads from a node of the tree to the node after one more byte.
type edge struct {
	node int32
	b    byte
}

func newControlTokens(ids map[string]int32) controlTokens {
	c := controlTokens{ids: ids, has: make(map[int32]bool, len(ids)), next: make(map[edge]int32), ends: []int32{none}}

	for name, id := range ids {
		c.has[id] = true
		c.first[name[0]] = true
		node := int32(0)

		for i := range len(name) {
			step := edge{node, name[i]}
			if _, ok := c.next[step]; !ok {
				c.next[step] = int32(len(c.ends))
				c.ends = append(c.ends, none)
			}

			node = c.next[step]
		}

		c.ends[node] = id
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

		if id, length := c.longest(text[i:]); id != none {
			return text[:i], id, text[i+length:]
		}
	}

	return text, none, ""
}

// longest returns the control token with the longest name that text begins with, and the name's length.
func (c *controlTokens) longest(text string) (id int32, length int) {
	id = none
	node := int32(0)

	for i := range len(text) {
		next, ok := c.next[edge{node, text[i]}]
		if !ok {
			break
		}

		if node = next; c.ends[node] != none {
			id, length = c.ends[node], i+1
		}
	}

	return id, length
}
