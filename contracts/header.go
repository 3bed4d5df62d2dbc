package contracts

// Headers of every event: JetStream's deduplication id, the CloudEvents
// binary-mode attributes (CloudEvents 1.0, NATS protocol binding) and W3C
// trace context.
const (
	HeaderMsgID       = "Nats-Msg-Id"
	HeaderID          = "ce-id"
	HeaderType        = "ce-type"
	HeaderSource      = "ce-source"
	HeaderSpecVersion = "ce-specversion"
	HeaderTime        = "ce-time"
	HeaderSubject     = "ce-subject" // the task id
	HeaderTraceParent = "traceparent"

	// SpecVersion is the CloudEvents version that the headers follow.
	SpecVersion = "1.0"
)
