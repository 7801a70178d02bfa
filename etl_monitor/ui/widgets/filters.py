"""The inputs of a list's filters. Each shows one parameter of the page's address."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import addresses
from etl_monitor.ui.session.view import RenderContext
from etl_monitor.ui.widgets.payloads import Completion, FieldValue, SearchField
from etl_monitor.ui.widgets.people import person_name
from etl_monitor.ui.widgets.query_params import (
    MAX_LENGTH,
    Choice,
    Option,
    Parameter,
    SearchText,
    clear,
    current_value,
    follow_address,
    reset,
    write,
)

_MOST_PEOPLE = 200  # that a search offers; a person types on if theirs is not among them

Visibility = Literal["visible", "collapsed"]


def search_box(search: SearchText, label: str, hint: str) -> str:
    is_foreign = not addresses.has_pages()  # an address that is only read
    text = st.text_input(
        label,
        type="search",
        max_chars=MAX_LENGTH,
        placeholder=hint,
        label_visibility="collapsed",
        key=search.key,
        value=st.query_params.get(search.name, "") if is_foreign else "",
        bind=None if is_foreign else "query-params",
        live=True,
        on_change=reset,
        args=(search.resets,),
    )
    return (text or "").strip()


def completion(
    search: Parameter, statuses: Mapping[str, str], kinds: Mapping[str, str], ctx: RenderContext
) -> Completion:
    """Return what the box of `search` completes: the fields of a search and the values that occur.
    `statuses`, `kinds`: by name, with their texts for people."""
    t, people = ctx.t, ctx.snapshot.people[:_MOST_PEOPLE]
    return {
        "searchKey": search.key,
        "label": t("completion"),
        "fields": [
            _field("status", t("completion-status"), statuses),
            _field("person", t("completion-person"), {p: person_name(p, t) for p in people}),
            _field("kind", t("completion-kind"), kinds),
        ],
    }


def _field(field: str, name: str, values: Mapping[str, str]) -> SearchField:
    listed = [FieldValue(value=value, text=text) for value, text in values.items()]
    return {"field": field, "name": name, "values": listed}


def select(
    choice: Choice[Option],
    label: str,
    text_of: Callable[[Option], str],
    *,
    label_visibility: Visibility = "visible",
    width: int | Literal["stretch"] = "stretch",
) -> Option:
    """A select box."""
    value = choice.parse(st.query_params.get(choice.name, ""))
    selected = st.selectbox(
        label,
        choice.options,
        index=0 if follow_address(choice, value) else choice.options.index(value),
        format_func=text_of,
        key=choice.key,
        on_change=reset,
        args=(choice.resets,),
        label_visibility=label_visibility,
        width=width,
    )
    write(choice.name, "" if selected == choice.default else selected)
    return selected


def combobox(parameter: Parameter, label: str, suggestions: Sequence[str], *, empty: str) -> str:
    """A select box that takes other values too. What is typed narrows the suggestions down.
    `empty`: the text of no value."""
    value = parameter.parse(st.query_params.get(parameter.name, ""))
    options = list(dict.fromkeys(["", *suggestions, value]))
    selected = st.selectbox(
        label,
        options,
        index=0 if follow_address(parameter, value) else options.index(value),
        format_func=lambda option: option or empty,
        accept_new_options=True,
        key=parameter.key,
        on_change=reset,
        args=(parameter.resets,),
    )
    value = parameter.parse(selected or "")
    write(parameter.name, value)
    return value


def segments(choice: Choice[Option], label: str, text_of: Callable[[Option], str]) -> Option:
    """A row of buttons, for few options."""
    value = choice.parse(st.query_params.get(choice.name, ""))
    pressed = st.segmented_control(
        label,
        choice.options,
        default=None if follow_address(choice, value) else value,
        required=True,
        format_func=text_of,
        key=choice.key,
        on_change=reset,
        args=(choice.resets,),
    )
    selected = pressed or value
    write(choice.name, "" if selected == choice.default else selected)
    return selected


def filters_popover(hidden: Sequence[Parameter], t: Translator) -> DeltaGenerator:
    """A button that opens the filters in it, and says while closed how many of them are on."""
    on = sum(current_value(parameter) != parameter.default for parameter in hidden)
    return st.popover(t("filters-on", n=on) if on else t("filter"), icon=":material/tune:")


def clear_button(parameters: Sequence[Parameter], *, is_narrow: bool, t: Translator) -> None:
    """Clears all of these. `is_narrow`: whether there is anything to clear."""
    st.button(
        t("clear-filters"),
        disabled=not is_narrow,
        on_click=clear,
        args=(parameters,),
        key=f"etl-clear-{parameters[0].name}",
    )
