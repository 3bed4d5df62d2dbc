CREATE TABLE sessions (
  task_id    TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  started    INTEGER NOT NULL, -- Unix nanoseconds
  outcome    TEXT NOT NULL,
  stars      INTEGER,          -- NULL until rated
  rated      INTEGER,          -- Unix nanoseconds
  frame      TEXT NOT NULL,    -- the key of its last picture, empty for none
  body       TEXT NOT NULL     -- feedback.Record
) STRICT;
CREATE INDEX sessions_by_session ON sessions (session_id);
CREATE INDEX sessions_by_frame ON sessions (frame);
CREATE INDEX sessions_by_start ON sessions (started);
CREATE INDEX sessions_by_rating ON sessions (rated) WHERE rated IS NOT NULL;

CREATE TABLE steps (
  task_id TEXT NOT NULL,
  step    INTEGER NOT NULL,
  frame   TEXT NOT NULL,      -- the key of its picture, empty for none
  body    TEXT NOT NULL,      -- contracts.BundleStep
  PRIMARY KEY (task_id, step)
) STRICT;
CREATE INDEX steps_by_frame ON steps (frame);

CREATE TABLE ratings (
  task_id TEXT NOT NULL,
  id      TEXT NOT NULL,
  content TEXT NOT NULL,      -- identifies what it says
  body    TEXT NOT NULL,      -- contracts.FeedbackSubmitted
  PRIMARY KEY (task_id, id)
) STRICT;

CREATE TABLE deleted (task_id TEXT PRIMARY KEY) STRICT;

CREATE TABLE positions (
  stream   TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
) STRICT;
