from django import forms

from legacy_site.apps.pages.models import Page


class PageForm(forms.ModelForm):
    class Meta:
        model = Page
        fields = "__all__"

    def clean_path(self) -> str:
        return self.cleaned_data["path"].strip("/")
