package generate

import "github.com/grokputer/grokputer/lm/generate/grammar"

// trieNode is a node of the prefix tree of all texts, listed in preorder: a node
// is followed by its children's subtrees, and end is the index after them.
type trieNode struct {
	id    int32 // the token whose text ends here, or -1
	end   int32
	first int32 // of Vocabulary.ids that are here or below; those of the next node follow
	below int32 // in Vocabulary.below: the bytes of all nodes below; -1 where they are few
	depth int32 // bytes from the root; a root's child has 1
	b     byte
}

// fewBelow is the most nodes below one for which their bytes are not kept: going
// through them is as quick.
const fewBelow = 4

// build makes the tree from the ids in the order of their texts, which all differ.
func (v *Vocabulary) build(ids []int32) {
	for i := range v.roots {
		v.roots[i] = -1
	}
	v.ids = make([]int32, 0, len(ids))
	var last []byte
	var path []int32 // nodes from the root's child to the last text's end
	for _, id := range ids {
		t := v.texts[id]
		same := 0
		for same < len(last) && same < len(t) && last[same] == t[same] {
			same++
		}
		v.close(path, same)
		path = path[:same]
		for i := same; i < len(t); i++ {
			n := int32(len(v.nodes))
			if i == 0 {
				v.roots[t[0]] = n
			}
			path = append(path, n)
			v.nodes = append(v.nodes, trieNode{id: -1, first: int32(len(v.ids)), below: -1, depth: int32(i + 1), b: t[i]})
		}
		v.nodes[path[len(path)-1]].id = id
		v.ids = append(v.ids, id)
		last = t
	}
	v.close(path, 0)
}

// close ends the subtrees of the path's nodes from that depth on, lowest first.
func (v *Vocabulary) close(path []int32, from int) {
	for i := len(path) - 1; i >= from; i-- {
		n := path[i]
		end := int32(len(v.nodes))
		v.nodes[n].end = end
		if end-n-1 <= fewBelow {
			continue
		}
		var below grammar.Bytes
		for c := n + 1; c < end; c = v.nodes[c].end {
			below.Add(v.nodes[c].b)
			v.addBelow(&below, c)
		}
		v.nodes[n].below = int32(len(v.below))
		v.below = append(v.below, below)
	}
}

// addBelow adds the bytes of all nodes below n, whose subtree is closed.
func (v *Vocabulary) addBelow(to *grammar.Bytes, n int32) {
	node := &v.nodes[n]
	if node.below >= 0 {
		to.Join(&v.below[node.below])
		return
	}
	for c := n + 1; c < node.end; c++ {
		to.Add(v.nodes[c].b)
	}
}

// tokens returns the ids of the tokens at node n and below.
func (v *Vocabulary) tokens(n int32) []int32 {
	to := len(v.ids)
	if end := v.nodes[n].end; int(end) < len(v.nodes) {
		to = int(v.nodes[end].first)
	}
	return v.ids[v.nodes[n].first:to]
}

// lookup returns the token whose text that is, or -1.
func (v *Vocabulary) lookup(text []byte) int32 {
	last := len(text) - 1
	from, to := v.descend(text[:last])
	for n := from; n < to; n = v.nodes[n].end {
		if v.nodes[n].b == text[last] {
			return v.nodes[n].id
		}
	}
	return -1
}

// descend returns the span of nodes strictly below the node that text leads to;
// empty when there is none.
func (v *Vocabulary) descend(text []byte) (from, to int32) {
	from, to = 0, int32(len(v.nodes))
	for i, c := range text {
		n := from
		if i == 0 {
			if n = v.roots[c]; n < 0 {
				return 0, 0
			}
		}
		for n < to && v.nodes[n].b != c {
			n = v.nodes[n].end
		}
		if n >= to {
			return 0, 0
		}
		from, to = n+1, v.nodes[n].end
	}
	return from, to
}
