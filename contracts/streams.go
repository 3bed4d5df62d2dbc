package contracts

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Names of the streams.
const (
	StreamTasks        = "TASKS"
	StreamAudit        = "AUDIT"
	StreamObservations = "OBSERVATIONS"
	StreamFeedback     = "FEEDBACK"
	StreamTraining     = "TRAINING"
	StreamAdapters     = "ADAPTERS"
	StreamDeadLetters  = "DEADLETTERS"
)

const day = 24 * time.Hour

// TasksKept is how long the stream TASKS keeps an event.
const TasksKept = 90 * day

// MaxEventBytes is the largest event body: frames, adapters and datasets
// travel as pointers. A larger task request is rejected at the ingress.
const MaxEventBytes = 512 << 10

// Streams returns every stream of the system. Replicas is 1 here; an
// operator's cluster raises it by setting.
func Streams() []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{
			Name:        StreamTasks,
			Description: "What was asked of the agent and what became of it",
			Subjects:    []string{"task.>"},
			MaxAge:      TasksKept,
			Storage:     jetstream.FileStorage,
			Duplicates:  10 * time.Minute,
			// Steps carry what the planner was told, much of it again and again.
			Compression: jetstream.S2Compression,
		},
		{
			Name:        StreamAudit,
			Description: "What the policy decided about each action, only ever added to",
			Subjects:    []string{"audit.>"},
			MaxAge:      TasksKept, // as long as the steps that it is about
			Storage:     jetstream.FileStorage,
			DenyDelete:  true,
			DenyPurge:   true,
			Duplicates:  10 * time.Minute,
		},
		{
			Name:        StreamObservations,
			Description: "Screens asked for and read",
			Subjects:    []string{"observation.>"},
			MaxAge:      day,
			Storage:     jetstream.FileStorage,
			// A lost observation is asked for again: a second of loss is fine here.
			PersistMode: jetstream.AsyncPersistMode,
		},
		{
			Name:        StreamFeedback,
			Description: "Ratings, kept for ever",
			Subjects:    []string{"feedback.>"},
			Storage:     jetstream.FileStorage,
			DenyDelete:  true,
			DenyPurge:   true,
		},
		{
			Name:        StreamTraining,
			Description: "Training jobs",
			Subjects:    []string{"training.>"},
			MaxAge:      180 * day,
			Storage:     jetstream.FileStorage,
		},
		{
			Name:        StreamAdapters,
			Description: "Adapter versions and what was decided about them, kept for ever",
			Subjects:    []string{"adapter.>"},
			Storage:     jetstream.FileStorage,
			DenyDelete:  true,
			DenyPurge:   true,
		},
		{
			Name:        StreamDeadLetters,
			Description: "Messages that no handler could take, with the reason",
			Subjects:    []string{"dlq.>"},
			MaxAge:      30 * day,
			Storage:     jetstream.FileStorage,
		},
	}
}

// Consumer is a durable reader of a stream.
type Consumer struct {
	Stream  string
	Durable string
	// Filter selects subjects of the stream.
	Filter []string
	// AckWait is the time without ack or heartbeat after which a message is delivered again.
	AckWait time.Duration
	// MaxDeliver is how often a message is tried before it becomes a dead letter.
	MaxDeliver int
}

// Durable names of the consumers.
const (
	DurableActorTasks       = "actor-tasks"
	DurableActorCancels     = "actor-cancels"
	DurableActorFeedback    = "actor-feedback"
	DurableObserverRequests = "observer-requests"
	DurableTrainerFeedback  = "trainer-feedback"
	DurableTrainerRequests  = "trainer-requests"
	DurableRegistryAdapters = "registry-adapters"
	DurableRegistryTasks    = "registry-tasks"
	DurableRegistryFeedback = "registry-feedback"
)

// Consumers returns every durable consumer.
func Consumers() []Consumer {
	return []Consumer{
		{
			Stream: StreamTasks, Durable: DurableActorTasks,
			Filter: []string{SubjectTaskRequested()},
			// A restart of the actor in the middle of a task counts as a delivery.
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
		{
			Stream: StreamTasks, Durable: DurableActorCancels,
			Filter:  []string{SubjectTaskCancel()},
			AckWait: 10 * time.Second, MaxDeliver: 5,
		},
		{
			Stream: StreamObservations, Durable: DurableObserverRequests,
			Filter:  []string{SubjectObservationRequested("*")},
			AckWait: 20 * time.Second, MaxDeliver: 3,
		},
		{
			Stream: StreamFeedback, Durable: DurableActorFeedback,
			Filter:  []string{SubjectFeedbackSubmitted("*")},
			AckWait: 10 * time.Second, MaxDeliver: 5,
		},
		{
			Stream: StreamFeedback, Durable: DurableTrainerFeedback,
			Filter:  []string{SubjectFeedbackSubmitted("*"), SubjectFeedbackDeleted("*")},
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
		{
			Stream: StreamTraining, Durable: DurableTrainerRequests,
			Filter:  []string{SubjectTrainingRequested()},
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
		{
			Stream: StreamAdapters, Durable: DurableRegistryAdapters,
			Filter:  []string{SubjectAdapterVerb(AdapterVerbPublished)},
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
		{
			Stream: StreamTasks, Durable: DurableRegistryTasks,
			Filter:  []string{SubjectTaskVerb(VerbCompleted), SubjectTaskVerb(VerbFailed)},
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
		{
			Stream: StreamFeedback, Durable: DurableRegistryFeedback,
			Filter:  []string{SubjectFeedbackSubmitted("*")},
			AckWait: 30 * time.Second, MaxDeliver: 20,
		},
	}
}

// Names of the key-value buckets.
const (
	BucketTasks    = "tasks"    // task id -> TaskState: where a task stands, for restarts and lists
	BucketJournal  = "journal"  // task id.step -> JournalEntry: intent before an action, outcome after it
	BucketLeases   = "leases"   // who works on what, expiring
	BucketJobs     = "jobs"     // job id -> JobState: where a training stands, for restarts and lists
	BucketAdapters = "adapters" // role.version -> Adapter: every version and where it stands
	BucketAliases  = "aliases"  // role -> Aliases: champion, challenger and previous
	// BucketExperiments has role.experiment -> what is compared and what was decided, and
	// role.experiment.task -> what became known of a task that it assigned.
	BucketExperiments = "experiments"
)

// Buckets returns every key-value bucket.
func Buckets() []jetstream.KeyValueConfig {
	return []jetstream.KeyValueConfig{
		{Bucket: BucketTasks, Description: "Where each task stands", Storage: jetstream.FileStorage, TTL: 90 * day},
		{Bucket: BucketJournal, Description: "Intent and outcome of each step", Storage: jetstream.FileStorage, TTL: 7 * day, History: 4},
		{Bucket: BucketLeases, Description: "Who works on what", Storage: jetstream.FileStorage, LimitMarkerTTL: time.Minute},
		{Bucket: BucketJobs, Description: "Where each training job stands", Storage: jetstream.FileStorage, History: 8},
		{Bucket: BucketAdapters, Description: "Every adapter version and where it stands", Storage: jetstream.FileStorage, History: 8},
		{Bucket: BucketExperiments, Description: "Comparisons of two versions, and their sessions", Storage: jetstream.FileStorage},
		{Bucket: BucketAliases, Description: "Which version is champion, and which was before", Storage: jetstream.FileStorage, History: 64},
	}
}
