"""What llama.cpp's convert_hf_to_gguf.py makes of a transformers model: the keys of its sizes, and how tensors are named and turned."""

import gguf
import numpy as np

ARCHITECTURES = {"mistral": "llama"}  # the others keep their names


def architecture(config) -> str:
    return ARCHITECTURES.get(config.model_type, config.model_type)


def add_sizes(writer: gguf.GGUFWriter, config, head: int | None) -> None:
    """Writes the keys that all families have, and the size of a head if it is given."""
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    if head:
        writer.add_key_length(head)
        writer.add_value_length(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)


def namer(config):
    """Returns the function from a parameter's name to its tensor's."""
    arch = next(a for a, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture(config))
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    return lambda parameter: names.get_name(parameter, try_suffixes=(".weight", ".bias"))


def permuted(config, parameter: str) -> int | None:
    """The heads whose rows are put in another order, or None: LlamaModel.modify_tensors."""
    if architecture(config) != "llama" or not parameter.endswith(("q_proj.weight", "k_proj.weight")):
        return None
    return config.num_attention_heads if "q_proj" in parameter else config.num_key_value_heads


def permute(data: np.ndarray, heads: int) -> np.ndarray:
    """That order: LlamaModel.permute."""
    return data.reshape(heads, 2, -1, data.shape[-1]).swapaxes(1, 2).reshape(data.shape)
