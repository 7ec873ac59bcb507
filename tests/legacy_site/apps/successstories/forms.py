from django import forms
from django.db.models import Q
from django.utils.text import slugify

from legacy_site.apps.successstories.models import Story


class StoryForm(forms.ModelForm):
    pull_quote = forms.CharField(widget=forms.Textarea(attrs={"rows": 5}))

    class Meta:
        model = Story
        fields = (
            *("name", "company_name", "company_url", "category"),
            *("author", "author_email", "pull_quote", "content"),
        )
        labels = {"name": "Story name"}  # noqa: RUF012
        help_texts = {  # noqa: RUF012
            "content": (
                'Best written in <a href="https://www.markdownguide.org/basic-syntax/">Markdown</a>'
                ": then it is out sooner."
            )
        }

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if Story.objects.filter(Q(name=name) | Q(slug=slugify(name))).exists():
            raise forms.ValidationError("Please use a unique name.")
        return name
