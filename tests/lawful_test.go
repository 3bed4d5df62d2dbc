package tests

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/contracts"
	"github.com/grokputer/grokputer/kit/bus"
)

// lawful says what is not as it may be once a loop is at rest and its processes have ended.
// A loop has ended lawfully when
//   - every job has ended, told so once, and left nothing on the disk, and nobody holds a lease;
//   - every completed job's version was published, once, and their numbers have no gap;
//   - every version's files are in S3 with their hashes and nothing else is, but for what explains a
//     removed one; every dataset belongs to a version;
//   - every state of the aliases is told of by one event, in their order, and every such event tells of one;
//   - every version's record says what the aliases say, and what its events say;
//   - an experiment runs exactly if the aliases say so, both its versions are there, and it knows
//     of each of its sessions everything once;
//   - no message became a dead letter.
func (l *loop) lawful() ([]string, error) {
	r, err := l.read()
	if err != nil {
		return nil, err
	}
	r.checkJobs()
	r.checkVersions()
	r.checkDecisions()
	r.checkStates()
	r.checkExperiments()
	if n := len(r.events[contracts.StreamDeadLetters]); n > 0 {
		r.sayf("%d dead letters: %s", n, r.events[contracts.StreamDeadLetters][0].Data)
	}
	l.checkFiles(r)
	return r.wrong, nil
}

func (r *record) checkJobs() {
	for _, job := range r.jobs {
		if !job.Phase.Ends() {
			r.sayf("the job %s is left in the phase %s", job.JobID, job.Phase)
			continue
		}
		ends := 0
		for _, verb := range []contracts.TrainingVerb{contracts.TrainingVerbCompleted, contracts.TrainingVerbFailed, contracts.TrainingVerbCancelled} {
			n := len(r.tell(contracts.StreamTraining, contracts.SubjectTraining(verb, job.JobID)))
			if ends += n; n > 0 && string(verb) != string(job.Phase) {
				r.sayf("the job %s is %s by its event, and %s on record", job.JobID, verb, job.Phase)
			}
		}
		started := len(r.tell(contracts.StreamTraining, contracts.SubjectTraining(contracts.TrainingVerbStarted, job.JobID)))
		if ends != 1 || started > 1 || started == 0 && job.Phase == contracts.JobCompleted {
			r.sayf("the job %s has %d events of its beginning and %d of its end", job.JobID, started, ends)
		}
		subject := contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, job.Version)
		if published := len(r.tell(contracts.StreamAdapters, subject)); job.Phase == contracts.JobCompleted && published != 1 {
			r.sayf("the version %s of the job %s was published %d times", job.Version, job.JobID, published)
		}
	}
	for _, m := range r.events[contracts.StreamTraining] {
		if id := m.Subject[strings.LastIndex(m.Subject, ".")+1:]; m.Subject != contracts.SubjectTrainingRequested() && r.jobs[id].JobID == "" {
			r.sayf("%s is of no job", m.Subject)
		}
	}
	if len(r.folders) > 0 {
		r.sayf("the trainer's folder still has %v", r.folders)
	}
}

func (r *record) checkVersions() {
	most, numbered := 0, 0
	for _, m := range r.tell(contracts.StreamAdapters, contracts.SubjectAdapterVerb(contracts.AdapterVerbPublished)) {
		event, err := bus.Decode[contracts.AdapterPublished](m)
		if err != nil {
			r.sayf("%v", err)
			continue
		}
		if n := len(r.tell(contracts.StreamAdapters, m.Subject)); n != 1 {
			r.sayf("%s was published %d times", event.Version, n)
		}
		known, there := r.versions[event.Version]
		if !there || known.SHA256 != event.SHA256 || len(known.Files) != len(event.Files) {
			r.sayf("%s is published, and on record is %+v", event.Version, known)
		}
		if n, ok := contracts.VersionNumber(event.Version); ok {
			most, numbered = max(most, n), numbered+1
			if job := r.jobs[event.JobID]; job.Version != event.Version || job.Phase != contracts.JobCompleted {
				r.sayf("%s is of the job %s, which made %s and is %s", event.Version, event.JobID, job.Version, job.Phase)
			}
		}
	}
	if most != numbered {
		r.sayf("%d versions have numbers up to %d", numbered, most)
	}
	for name := range r.versions {
		if len(r.tell(contracts.StreamAdapters, contracts.SubjectAdapter(contracts.AdapterVerbPublished, contracts.RolePlanner, name))) == 0 {
			r.sayf("%s is on record and was not published", name)
		}
	}
}

// checkDecisions compares the states that the aliases had with the events, but for rejections,
// which leave them as they are.
func (r *record) checkDecisions() {
	var told []bus.Message
	for _, m := range r.events[contracts.StreamAdapters] {
		verb := contracts.AdapterVerb(strings.Split(m.Subject, ".")[1])
		if verb != contracts.AdapterVerbPublished && verb != contracts.AdapterVerbRejected {
			told = append(told, m)
		}
	}
	if len(told) != len(r.history) {
		r.sayf("%d events tell of %d decisions", len(told), len(r.history))
	}
	for i := range min(len(told), len(r.history)) {
		d := r.history[i]
		subject := contracts.SubjectAdapter(d.Verb, d.Role, d.Version)
		event, err := bus.Decode[contracts.AdapterDecided](told[i])
		if err != nil || told[i].Subject != subject || told[i].ID() != fmt.Sprintf("%s.%d", subject, d.revision) ||
			event.Champion != d.Champion || event.Previous != d.Previous || !event.Time.Equal(d.Updated) {
			r.sayf("decision %d is %+v, and its event %s %s: %+v, %v", i, d, told[i].Subject, told[i].ID(), event, err)
		}
	}
}

// checkStates compares the records of the versions with the aliases and the last decision about each.
func (r *record) checkStates() {
	now := r.now()
	last := map[string]contracts.AdapterVerb{}
	for _, d := range r.history {
		last[d.Version] = d.Verb
	}
	for name, a := range r.versions {
		want := map[contracts.AdapterVerb]contracts.AdapterState{
			contracts.AdapterVerbRetired: contracts.AdapterRetired, contracts.AdapterVerbRolledBack: contracts.AdapterRolledBack,
			contracts.AdapterVerbRemoved: contracts.AdapterRemoved, contracts.AdapterVerbPromoted: contracts.AdapterPublishedState,
		}[last[name]]
		switch name {
		case now.Champion:
			want = contracts.AdapterChampion
		case now.Previous:
			want = contracts.AdapterPrevious
		case now.Challenger:
			want = contracts.AdapterChallenger
		}
		if want == "" { // nothing was decided about it
			want = a.State
			if a.State != contracts.AdapterRejected && (a.State != contracts.AdapterPublishedState || a.Why == "") {
				r.sayf("nothing was decided about %s, and it is %s: %q", name, a.State, a.Why)
			}
		}
		if a.State != want {
			r.sayf("%s is %s on record, want %s: the aliases are %+v", name, a.State, want, now)
		}
	}
	for _, name := range []string{now.Champion, now.Previous, now.Challenger} {
		if a, there := r.versions[name]; name != "" && (!there || a.State == contracts.AdapterRemoved) {
			r.sayf("the aliases name %s, which is not there: %+v", name, now)
		}
	}
}

func (r *record) checkExperiments() {
	now := r.now()
	begun := map[string]bool{}
	for _, d := range r.history {
		if d.Verb == contracts.AdapterVerbCanaried {
			begun[d.Experiment] = true
		}
	}
	for id := range begun {
		if _, there := r.experiments[id]; !there {
			r.sayf("the experiment %s began and is not on record", id)
		}
	}
	short := map[string]int{}
	for id, e := range r.experiments {
		if !begun[id] {
			r.sayf("the experiment %s never began", id)
		}
		if runs := now.Challenger == e.Challenger && now.Experiment == id; runs != (e.Decision == nil) {
			r.sayf("the experiment %s is decided with %+v, and the aliases are %+v", id, e.Decision, now)
		}
		for _, name := range []string{e.Champion, e.Challenger} {
			if a, there := r.versions[name]; !there || e.Decision == nil && a.State == contracts.AdapterRemoved {
				r.sayf("the experiment %s compares %s, which is not there", id, name)
			}
		}
		short[id] = 0
	}
	for key, s := range r.seats {
		id, task, _ := strings.Cut(key, ".")
		if _, there := r.experiments[id]; !there || s.Arm != "champion" && s.Arm != "challenger" {
			r.sayf("the task %s has the arm %s of the experiment %s, which there is: %t", task, s.Arm, id, there)
		}
		stars, ends := 0, 0
		for _, k := range s.Known {
			if k.Experiment != id || k.Session != task {
				r.sayf("of the task %s of %s is known what is of %s of %s", task, id, k.Session, k.Experiment)
			}
			stars += min(1, k.Stars)
			if k.Success != nil {
				ends++
			}
		}
		if stars > 1 || ends > 1 {
			r.sayf("the task %s has %d ends and %d ratings", task, ends, stars)
		}
		if stars+ends < 2 {
			short[id]++
		}
	}
	for id, n := range short { // the session at which it was decided, and one that only asked
		if n > 2 || n > 1 && r.experiments[id].Decision == nil {
			r.sayf("of %d sessions of the experiment %s not everything is known", n, id)
		}
	}
}

// checkFiles reads every file of every version, and looks for others.
func (l *loop) checkFiles(r *record) {
	left := maps.Clone(r.objects)
	for _, name := range slices.SortedFunc(maps.Keys(r.versions), cmp.Compare) {
		a := r.versions[name]
		gone := a.State == contracts.AdapterRemoved
		for _, f := range a.Files {
			_, there := left[f.Blob.Key]
			delete(left, f.Blob.Key)
			switch {
			case gone && !f.Explains():
				if there {
					r.sayf("%s is removed, and %s is left", name, f.Name)
				}
			default:
				if err := l.blobs.Copy(l.ctx, f.Blob, io.Discard); err != nil {
					r.sayf("%s: %v", name, err)
				}
			}
		}
		if a.Dataset.Key != "" {
			delete(left, a.Dataset.Key)
			if err := l.blobs.Copy(l.ctx, a.Dataset, io.Discard); err != nil {
				r.sayf("the dataset of %s: %v", name, err)
			}
		}
	}
	for key := range left {
		r.sayf("%s is of no version", key)
	}
}
