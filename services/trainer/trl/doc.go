// Package trl writes and reads datasets in the formats of Hugging Face's TRL, one JSON
// object a line: prompt and completion for SFT, prompt, chosen and rejected for DPO,
// and prompt, completion and label for KTO.
//
// Prompts and answers are written as conversations, so that TRL puts them into the chat
// template of whatever model it trains; plain texts are read, too. A column of our own
// says which example a line comes from, so that what was exported can be imported again
// without a loss. TRL leaves it aside.
package trl
