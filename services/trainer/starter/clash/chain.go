package clash

import "strings"

// chains are the strings of a page's scripts with what is joined to them by plus, each
// joined value that is no string being a hole.
func chains(page string) []string {
	var found []string
	for i := 0; i < len(page); {
		text, end, ok := literal(page, i)
		if !ok {
			i++
			continue
		}
		var chain strings.Builder
		if before := strings.TrimRight(page[:i], " \t\r\n"); strings.HasSuffix(before, "+") {
			chain.WriteString(hole)
		}
		chain.WriteString(text)
		i = end
		for {
			next := skip(page, i)
			if next >= len(page) || page[next] != '+' {
				break
			}
			next = skip(page, next+1)
			if text, end, ok := literal(page, next); ok {
				chain.WriteString(text)
				i = end
				continue
			}
			chain.WriteString(hole)
			i = operand(page, next)
		}
		found = append(found, chain.String())
	}
	return found
}

// literal reads a string at a place of a script. A value within it is a hole.
func literal(page string, at int) (text string, end int, ok bool) {
	if at >= len(page) || !strings.ContainsRune("'\"`", rune(page[at])) {
		return "", at, false
	}
	var b strings.Builder
	for i := at + 1; i < len(page); i++ {
		switch {
		case page[i] == page[at]:
			return b.String(), i + 1, true
		case page[i] == '\\' && i+1 < len(page):
			i++
			b.WriteByte(page[i])
		case page[i] == '\n' && page[at] != '`':
			return "", at, false // an apostrophe of a text
		case page[at] == '`' && strings.HasPrefix(page[i:], "${"):
			b.WriteString(hole)
			if n := strings.IndexByte(page[i:], '}'); n > 0 {
				i += n
			}
		default:
			b.WriteByte(page[i])
		}
	}
	return "", at, false
}

// operand is the end of a value that begins at a place: where the next plus, or what
// ends the expression, stands outside brackets.
func operand(page string, at int) int {
	depth := 0
	for i := at; i < len(page); i++ {
		if _, end, ok := literal(page, i); ok {
			i = end - 1
			continue
		}
		switch page[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth == 0 {
				return i
			}
			depth--
		case '+', ';', ',', '\n', ':', '?':
			if depth == 0 {
				return i
			}
		}
	}
	return len(page)
}

// skip is the next place that is no space.
func skip(page string, at int) int {
	for at < len(page) && strings.ContainsRune(" \t\r\n", rune(page[at])) {
		at++
	}
	return at
}
