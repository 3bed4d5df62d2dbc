package trainer

// Moment is a point in a job at which a test may end the process.
type Moment string

// The moments, in the order in which a job passes them.
const (
	AfterCreated    Moment = "created"    // the job is on record
	AfterDataset    Moment = "dataset"    // its dataset is in S3 and in its folder
	AfterAnnounced  Moment = "announced"  // the event of its beginning is stored, its number of steps is not
	AfterCheckpoint Moment = "checkpoint" // a checkpoint of the training is on disk and told of
	AfterTrained    Moment = "trained"    // the adapter lies in the job's folder
	AfterFile       Moment = "file"       // one of the adapter's files is in S3
	AfterUpload     Moment = "upload"     // all of them are
	AfterPublish    Moment = "publish"    // the version's event is stored, the job's end is not
	AfterEnd        Moment = "end"        // the event of its end is stored, the job is not on record as ended
)

// Moments returns every moment in order.
func Moments() []Moment {
	return []Moment{
		AfterCreated, AfterDataset, AfterAnnounced, AfterCheckpoint, AfterTrained, AfterFile, AfterUpload, AfterPublish, AfterEnd,
	}
}

// Hook is told of the moments of each job.
type Hook func(m Moment, jobID string)

func (h Hook) at(m Moment, jobID string) {
	if h != nil {
		h(m, jobID)
	}
}
