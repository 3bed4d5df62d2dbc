package compute

// Heads is the shape of grouped-query attention: Query heads of Dim elements each, in groups that
// share one of the KeyValue heads (Ainslie et al. 2023, "GQA").
type Heads struct {
	Query, KeyValue, Dim int
}

// Span is one sequence in an attention operation: query rows [Query, Query+Queries) look at key rows
// [Key, Key+Keys). The last query sees all keys, the one before it all but the last, and so on; the
// first Keys-Queries keys are the past that every query sees. Spans do not see each other, so a packed
// batch has one span for each sequence.
type Span struct {
	Query, Queries int
	Key, Keys      int
}
