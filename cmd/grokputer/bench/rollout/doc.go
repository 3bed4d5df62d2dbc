// Package rollout measures how experiments between two adapter versions are decided: by
// simulation, with known distributions of stars, looking after every session.
package rollout
