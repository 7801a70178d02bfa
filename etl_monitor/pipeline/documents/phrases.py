"""The sentences of the documents, in each language. Placeholders are filled by `documents`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Phrases:
    language: str
    summary_title: str
    respondents: str
    all_used: str
    excluded: str
    reasons: dict[str, str]
    scales_title: str
    score_range: str
    scale_columns: tuple[str, ...]
    reliability: str
    no_reliability: str
    groups_title: str
    group_columns: tuple[str, ...]
    personality_title: str
    profile_line: str
    widest_group: str
    skill_title: str
    skill_line: str
    easiest_hardest: str
    strongest_weakest: str
    items_title: str
    items_fine: str
    flags: dict[str, str]


ENGLISH = Phrases(
    language="en",
    summary_title="Summary",
    respondents="{usable:,} of {total:,} respondents were scored.",
    all_used="No row had to be left out.",
    excluded="Left out: {reasons}.",
    reasons={
        "no_respondent_id": "rows without a respondent_id ({count:,})",
        "missing": "too many missing answers ({count:,})",
        "out_of_range": "answers out of range ({count:,})",
        "duplicate": "repeated respondents ({count:,})",
        "straight_lining": "the same answer to nearly every item ({count:,})",
        "malformed": "rows with a wrong number of fields ({count:,})",
    },
    scales_title="Scales",
    score_range="{lowest:g}–{highest:g}",
    scale_columns=("Scale", "Mean", "SD", "P5", "Median", "P95", "Possible", "Cronbach’s α"),
    reliability="Reliability (Cronbach’s α) lies between {lowest:.2f} and {highest:.2f}.",
    no_reliability="Reliability cannot be computed from these answers.",
    groups_title="Groups",
    group_columns=("Group", "n"),
    personality_title="Personality",
    profile_line="{name}: mean {mean:.1f} of {highest:.0f} ({share:.0f}% of the possible range); "
    "half of all respondents lie between {p25:.1f} and {p75:.1f}.",
    widest_group="Widest gap between groups: {name}, {high} above {low} by {gap:.2f} standard "
    "deviations.",
    skill_title="Skills",
    skill_line="{name}: {share:.0f}% right on average (mean {mean:.1f} of {highest:.0f}, "
    "median {p50:.0f}).",
    easiest_hardest="Easiest item: {easiest} ({easy:.0f}% right); hardest: {hardest} "
    "({hard:.0f}% right).",
    strongest_weakest="Strongest domain: {strongest}; weakest: {weakest}.",
    items_title="Items to look at",
    items_fine="No item is conspicuous.",
    flags={
        "too_easy": "too easy",
        "too_hard": "too hard",
        "low_discrimination": "hardly tells good from weak",
        "low_item_total": "hardly fits its scale",
        "reversed": "runs against its scale",
    },
)

KOREAN = Phrases(
    language="ko",
    summary_title="요약",
    respondents="응시자 {total:,}명 중 {usable:,}명을 채점했습니다.",
    all_used="제외된 행이 없습니다.",
    excluded="제외: {reasons}.",
    reasons={
        "no_respondent_id": "respondent_id가 없는 행 {count:,}개",
        "missing": "무응답 과다 {count:,}명",
        "out_of_range": "범위를 벗어난 응답 {count:,}명",
        "duplicate": "중복 응시자 {count:,}명",
        "straight_lining": "동일 응답 반복 {count:,}명",
        "malformed": "열 개수가 맞지 않는 행 {count:,}개",
    },
    scales_title="척도",
    score_range="{lowest:g}~{highest:g}",
    scale_columns=("척도", "평균", "표준편차", "P5", "중앙값", "P95", "가능한 범위", "크론바흐 α"),
    reliability="신뢰도(크론바흐 α) 범위: {lowest:.2f}~{highest:.2f}.",
    no_reliability="이 응답으로는 신뢰도를 계산할 수 없습니다.",
    groups_title="집단",
    group_columns=("집단", "인원"),
    personality_title="성격 분석",
    profile_line="{name}: 평균 {mean:.1f}점 / {highest:.0f}점(가능 범위의 {share:.0f}%), "
    "응시자의 절반이 {p25:.1f}점에서 {p75:.1f}점 사이에 있습니다.",
    widest_group="집단 간 차이가 가장 큰 척도: {name} ({high} > {low}, 표준편차의 {gap:.2f}배).",
    skill_title="역량 평가",
    skill_line="{name}: 평균 정답률 {share:.0f}% (평균 {mean:.1f}점 / {highest:.0f}점, "
    "중앙값 {p50:.0f}점).",
    easiest_hardest="가장 쉬운 문항: {easiest} (정답률 {easy:.0f}%), "
    "가장 어려운 문항: {hardest} (정답률 {hard:.0f}%).",
    strongest_weakest="가장 높은 영역: {strongest}, 가장 낮은 영역: {weakest}.",
    items_title="확인이 필요한 문항",
    items_fine="특이한 문항이 없습니다.",
    flags={
        "too_easy": "너무 쉬움",
        "too_hard": "너무 어려움",
        "low_discrimination": "변별력 낮음",
        "low_item_total": "척도와 잘 맞지 않음",
        "reversed": "척도와 반대 방향",
    },
)

LANGUAGES = (KOREAN, ENGLISH)
"""Every language that documents are written in."""
