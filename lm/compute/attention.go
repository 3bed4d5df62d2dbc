package compute

// Heads is the shape of grouped-query attention: Query heads of Dim elements each, in groups that
// share one of the KeyValue heads (Ainslie et al. 2023, "GQA").
type Heads struct {
	Query, KeyValue, Dim int

	// Window is how many keys a query sees at most, the newest ones, its own included (sliding-window
	// attention, Jiang et al. 2023, "Mistral 7B"); 0 means all.
	Window int
}

// Span is one sequence in an attention operation: query rows [Query, Query+Queries) look at key rows
// [Key, Key+Keys). The last query sees all keys, the one before it all but the last, and so on; the
// first Keys-Queries keys are the past that every query sees. Spans do not see each other, so a packed
// batch has one span for each sequence.
type Span struct {
	Query, Queries int
	Key, Keys      int

	// Prefix rows [Prefix, Prefix+Prefixed) are keys that come before the span's own: the beginning that
	// several sequences share and that is computed once. For AttentionBackward they must be keys of the last
	// span before this one that has none itself, so the continuations of a beginning directly follow it.
	Prefix, Prefixed int
}
