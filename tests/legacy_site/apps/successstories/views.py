"""Stories that are published, and the form that takes new ones. Staff see drafts, too."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.sites.models import Site
from django.core.mail import EmailMessage
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.generic import CreateView, DetailView, ListView

from legacy_site.apps.cms.honeypot import check_honeypot
from legacy_site.apps.successstories.forms import StoryForm
from legacy_site.apps.successstories.models import Story, StoryCategory

STAFF = "psf-staff@python.org"
RECORDED = (
    "Thank you: your story has been recorded. The PSF staff reviews it before it is published."
)
MAIL = """\
Name: {story.name}
Company name: {story.company_name}
Company URL: {story.company_url}
Category: {story.category}
Author: {story.author}
Author email: {story.author_email}
Pull quote:

{story.pull_quote}

Content:

{story.content.raw}

Review URL: https://{site}{path}"""


class _BesideCategories:
    def get_context_data(self, **kwargs):
        return super().get_context_data(category_list=StoryCategory.objects.all(), **kwargs)


class StoryList(ListView):
    template_name = "successstories/story_list.html"
    context_object_name = "stories"

    def get_queryset(self):
        return Story.objects.select_related("company").newest()


class StoryDetail(_BesideCategories, DetailView):
    context_object_name = "story"

    def get_queryset(self):
        return Story.objects.all() if self.request.user.is_staff else Story.objects.published()


class StoryListCategory(_BesideCategories, DetailView):
    model = StoryCategory


@method_decorator(check_honeypot, name="dispatch")
class StoryCreate(LoginRequiredMixin, _BesideCategories, CreateView):
    model = Story
    form_class = StoryForm
    success_url = reverse_lazy("success_story_create")

    def form_valid(self, form):
        form.instance.submitted_by = self.request.user
        answer = super().form_valid(form)
        _tell_staff(self.object)
        messages.success(self.request, RECORDED)
        return answer


def _tell_staff(story: Story) -> None:
    site, path = Site.objects.get_current(), story.get_admin_url()
    name, *_ = story.name.splitlines()
    EmailMessage(
        f"New success story submission: {name}",
        MAIL.format(story=story, site=site, path=path),
        settings.DEFAULT_FROM_EMAIL,
        [STAFF],
        reply_to=[story.author_email] if story.author_email else [],
    ).send()
